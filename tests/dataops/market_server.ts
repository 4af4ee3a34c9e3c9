/** A bar as the servers know it: time in seconds, open, high, low, close, volume. */
export type ServedBar = readonly [number, number, number, number, number, number];

/** What goes wrong with the next requests, one each. */
export type Fault =
  | { readonly type: "status"; readonly status: number; readonly retryAfter?: string }
  /** Half of the body, under a length that promises all. */
  | { readonly type: "truncated" }
  /** Half of the body, as if it were whole. */
  | { readonly type: "cut" }
  | { readonly type: "garbage" };

/** Speaks the HTTP interfaces of Binance, Stooq and Yahoo on loopback, with bars and faults of the test's choice. */
export class MarketServer implements AsyncDisposable {
  /** By ticker. */
  readonly bars = new Map<string, ServedBar[]>();
  /** Every request, with its query. */
  readonly requests: URL[] = [];
  readonly faults: Fault[] = [];
  /** Faults by a part of the address, again and again. */
  readonly lasting: { readonly part: string; readonly fault: Fault }[] = [];
  readonly url: string;
  /** Seconds by which the exchange is ahead of UTC, and its opening time after midnight there. */
  yahoo = { gmtoffset: -18_000, opensAtS: 34_200, adjust: 1 };
  readonly #server: Deno.HttpServer<Deno.NetAddr>;

  constructor() {
    this.#server = Deno.serve(
      { port: 0, hostname: "127.0.0.1", onListen: () => {} },
      (request) => this.#answer(new URL(request.url)),
    );
    this.url = `http://127.0.0.1:${this.#server.addr.port}`;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#server.shutdown();
  }

  #answer(url: URL): Response {
    this.requests.push(url);
    const fault = this.lasting.find(({ part }) => url.href.includes(part))?.fault ??
      this.faults.shift();
    if (fault?.type === "status") {
      const headers = fault.retryAfter === undefined
        ? undefined
        : { "retry-after": fault.retryAfter };
      return new Response("try later", { status: fault.status, headers });
    }
    if (fault?.type === "garbage") return new Response("<html>maintenance</html>");
    const { body, status } = this.#content(url);
    const half = body.slice(0, body.length >> 1);
    if (fault?.type === "cut") return new Response(half);
    if (fault?.type === "truncated") return cutConnection(half);
    return new Response(body, { status });
  }

  #content(url: URL): { body: string; status: number } {
    const { pathname } = url;
    if (pathname === "/api/v3/klines") return this.#klines(url.searchParams);
    if (pathname === "/api/v3/exchangeInfo") return json({ symbols: this.#binanceSymbols() });
    if (pathname === "/api/v3/ticker/24hr") return json(this.#tickers());
    if (pathname === "/q/d/l/") return this.#stooq(url.searchParams);
    if (pathname.startsWith("/v8/finance/chart/")) return this.#chart(url);
    return { body: "not found", status: 404 };
  }

  #klines(query: URLSearchParams) {
    const bars = this.bars.get(query.get("symbol")!);
    if (bars === undefined) return json({ code: -1121, msg: "Invalid symbol." }, 400);
    const fromS = Number(query.get("startTime")) / 1000, toS = Number(query.get("endTime")) / 1000;
    const page = bars.filter(([time]) => time >= fromS && time <= toS);
    const rows = page.slice(0, Math.min(1000, Number(query.get("limit"))));
    return json(rows.map(([time, ...values]) => [
      time * 1000,
      ...values.map(String),
      time * 1000 + 86_399_999,
      "0",
    ]));
  }

  #binanceSymbols() {
    return [...this.bars.keys()].map((symbol) => ({
      symbol,
      status: symbol.startsWith("OLD") ? "BREAK" : "TRADING",
      baseAsset: symbol.slice(0, -4),
      quoteAsset: symbol.slice(-4),
      filters: [
        { filterType: "PRICE_FILTER", tickSize: "0.01000000" },
        { filterType: "LOT_SIZE", stepSize: "0.00001000" },
        { filterType: "NOTIONAL", minNotional: "5.00000000" },
      ],
    }));
  }

  #tickers() {
    return [...this.bars].map(([symbol, bars]) => {
      const last = bars.at(-1);
      return { symbol, quoteVolume: String(last === undefined ? 0 : last[4] * last[5]) };
    });
  }

  #stooq(query: URLSearchParams) {
    const bars = this.bars.get(query.get("s")!.toUpperCase()) ?? [];
    const day = (text: string) =>
      Date.parse(`${text.slice(0, 4)}-${text.slice(4, 6)}-${text.slice(6)}`) / 1000;
    const fromS = day(query.get("d1")!), toS = day(query.get("d2")!);
    const rows = bars.filter(([time]) => time >= fromS && time <= toS);
    if (rows.length === 0) return { body: "No data", status: 200 };
    const lines = rows.map(([time, ...values]) =>
      [new Date(time * 1000).toISOString().slice(0, 10), ...values].join(",")
    );
    return { body: `Date,Open,High,Low,Close,Volume\r\n${lines.join("\r\n")}\r\n`, status: 200 };
  }

  #chart(url: URL) {
    const bars = this.bars.get(decodeURIComponent(url.pathname.split("/").at(-1)!));
    if (bars === undefined) {
      const error = { code: "Not Found", description: "No data found, symbol may be delisted" };
      return json({ chart: { result: null, error } }, 404);
    }
    const { gmtoffset, opensAtS, adjust } = this.yahoo;
    const fromS = Number(url.searchParams.get("period1")),
      toS = Number(url.searchParams.get("period2"));
    const rows = bars.map(([time, ...rest]) => [time - gmtoffset + opensAtS, ...rest])
      .filter(([time]) => time >= fromS && time < toS);
    const column = (field: number) =>
      rows.map((row) => Number.isNaN(row[field]) ? null : row[field]);
    const [open, high, low, close, volume] = [1, 2, 3, 4, 5].map(column);
    const adjclose = close.map((value) => value === null ? null : value * adjust);
    return json({
      chart: {
        result: [{
          meta: { gmtoffset, currency: "USD" },
          timestamp: rows.map(([time]) => time),
          indicators: { quote: [{ open, high, low, close, volume }], adjclose: [{ adjclose }] },
        }],
        error: null,
      },
    });
  }
}

function json(value: unknown, status = 200): { body: string; status: number } {
  return { body: JSON.stringify(value), status };
}

/** A body that ends with an error instead of its end. */
function cutConnection(text: string): Response {
  const chunks = [text];
  const body = new ReadableStream({
    pull(controller) {
      const chunk = chunks.shift();
      if (chunk === undefined) controller.error(new Error("cut"));
      else controller.enqueue(new TextEncoder().encode(chunk));
    },
  });
  return new Response(body);
}

/** Daily bars that wander from day to day.
 * @param days numbers of days since the epoch */
export function servedDays(days: Iterable<number>): ServedBar[] {
  return Array.from(days, (day) => {
    const close = 100 + (day * 7919) % 50;
    return [day * 86_400, close - 1, close + 2, close - 3, close, 1000 + day % 10];
  });
}
