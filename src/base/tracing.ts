import type { Attributes, Context, SpanKind, Tracer } from "@opentelemetry/api";

/** What OpenTelemetry gives us, where it is on. */
interface Tracing {
  readonly api: typeof import("@opentelemetry/api");
  readonly tracer: Tracer;
}

/** Loaded where Deno's own OpenTelemetry is on, and nowhere else: so it costs one comparison where it is off. */
const tracing = Deno.env.get("OTEL_DENO") === "true" ? await load() : undefined;

/** Whether spans go anywhere. */
export const isTracing: boolean = tracing !== undefined;

/** Marks that a task is submitted, as a child of the span that is active.
 * @returns the context of the mark, in the form of W3C's `traceparent`, for those who run the task; undefined where
 * tracing is off */
export function traceSubmission(name: string): string | undefined {
  if (tracing === undefined) return undefined;
  const { api, tracer } = tracing;
  const span = tracer.startSpan(`submit ${name}`, { kind: api.SpanKind.PRODUCER });
  span.end();
  const carrier: { traceparent?: string } = {};
  api.propagation.inject(api.trace.setSpan(api.context.active(), span), carrier);
  return carrier.traceparent;
}

/** Runs a task's function in a span, which is active meanwhile: what the function traces is its child.
 * @param traceparent of the submission; undefined: the function runs without a span */
export async function traceRun<R>(
  name: string,
  traceparent: string | undefined,
  run: () => R | Promise<R>,
): Promise<R> {
  if (tracing === undefined || traceparent === undefined) return await run();
  const { api, tracer } = tracing;
  const options = { kind: api.SpanKind.CONSUMER };
  return await tracer.startActiveSpan(
    `run ${name}`,
    options,
    contextOf(tracing, traceparent),
    async (span) => {
      try {
        return await run();
      } catch (error) {
        span.recordException(error instanceof Error ? error : String(error));
        span.setStatus({ code: api.SpanStatusCode.ERROR });
        throw error;
      } finally {
        span.end();
      }
    },
  );
}

/** Tells of something that is over: a child of a submission, with its times.
 * @param error why it went wrong; undefined when it did not */
export function traceInterval(interval: {
  readonly name: string;
  readonly traceparent: string;
  readonly startMs: number;
  readonly endMs: number;
  readonly attributes: Attributes;
  readonly error?: string;
}): void {
  if (tracing === undefined) return;
  const { name, traceparent, startMs, endMs, attributes, error } = interval;
  const kind: SpanKind = tracing.api.SpanKind.INTERNAL;
  const options = { kind, startTime: new Date(startMs), attributes };
  const span = tracing.tracer.startSpan(name, options, contextOf(tracing, traceparent));
  if (error !== undefined) {
    span.setStatus({ code: tracing.api.SpanStatusCode.ERROR, message: error });
  }
  span.end(new Date(endMs));
}

function contextOf({ api }: Tracing, traceparent: string): Context {
  return api.propagation.extract(api.ROOT_CONTEXT, { traceparent });
}

async function load(): Promise<Tracing> {
  const api = await import("@opentelemetry/api");
  return { api, tracer: api.trace.getTracer("tradewind") };
}
