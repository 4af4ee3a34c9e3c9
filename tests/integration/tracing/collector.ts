/** A span as it was exported. */
export interface ExportedSpan {
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId: string;
  readonly name: string;
  readonly startTimeUnixNano: string;
  readonly endTimeUnixNano: string;
  /** 2 for an error. */
  readonly status: { readonly code?: number };
}

interface ExportRequest {
  readonly resourceSpans: readonly {
    readonly scopeSpans: readonly { readonly spans: readonly ExportedSpan[] }[];
  }[];
}

/** Takes spans by OTLP over HTTP in JSON, as any collector does. */
export class Collector implements AsyncDisposable {
  readonly url: string;
  readonly #spans = new Map<string, ExportedSpan>();
  readonly #server: Deno.HttpServer<Deno.NetAddr>;
  #arrived = Promise.withResolvers<void>();

  constructor() {
    this.#server = Deno.serve(
      { port: 0, hostname: "127.0.0.1", onListen() {} },
      async (request) => {
        const body = await request.json();
        if (new URL(request.url).pathname === "/v1/traces") this.#take(body);
        return Response.json({});
      },
    );
    this.url = `http://127.0.0.1:${this.#server.addr.port}`;
  }

  /** The spans of these names, by name, once all have come.
   * @throws {Error} naming those that have not come in time */
  async spans(names: readonly string[], timeoutMs: number): Promise<Map<string, ExportedSpan>> {
    const missing = () => names.filter((name) => !this.#spans.has(name));
    const { promise: timeout, reject } = Promise.withResolvers<never>();
    const timer = setTimeout(
      () => reject(new Error(`These spans did not come: ${missing().join(", ")}`)),
      timeoutMs,
    );
    try {
      while (missing().length > 0) await Promise.race([this.#arrived.promise, timeout]);
    } finally {
      clearTimeout(timer);
    }
    return this.#spans;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#server.shutdown();
  }

  #take({ resourceSpans }: ExportRequest): void {
    for (const { scopeSpans } of resourceSpans) {
      for (const { spans } of scopeSpans) {
        for (const span of spans) this.#spans.set(span.name, span);
      }
    }
    this.#arrived.resolve();
    this.#arrived = Promise.withResolvers();
  }
}
