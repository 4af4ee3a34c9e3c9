import { z } from "zod";
import { intervalSeconds } from "../interval.ts";
import {
  type BarPage,
  type BarRequest,
  barsOf,
  type BarSource,
  type ExecutionRules,
  type Listing,
} from "./bar_source.ts";
import type { HttpDoor } from "./http_door.ts";
import { parseJson } from "./parse_json.ts";

/** Most bars that one answer has. */
const PAGE_BARS = 1000;

const number = z.string().transform(Number);
const klines = z.array(
  z.tuple([z.number(), number, number, number, number, number]).rest(z.unknown()),
);
const exchangeInfo = z.object({
  symbols: z.array(z.object({
    symbol: z.string(),
    status: z.string(),
    baseAsset: z.string(),
    quoteAsset: z.string(),
    filters: z.array(z.looseObject({ filterType: z.string() })),
  })),
});
const tickers = z.array(z.object({ symbol: z.string(), quoteVolume: number }));

/** Exchanges that speak Binance's public REST interface: klines in pages of 1,000, the rules of each symbol, and what was
 * traded in 24 hours. Bars are not adjusted: coins do not split. */
export class BinanceSource implements BarSource {
  readonly isAdjusted = false;
  readonly #door: HttpDoor;
  readonly #url: string;
  readonly #feeBps: number;

  /** @param url for instance `https://api.binance.com`
   * @param feeBps that a trade costs, which the exchange tells only to its customers; NaN where it is not known */
  constructor(door: HttpDoor, url: string, feeBps: number) {
    this.#door = door;
    this.#url = url;
    this.#feeBps = feeBps;
  }

  /** The symbols that trade now, or those asked for among them. */
  async list(wanted: readonly string[] | undefined, signal: AbortSignal): Promise<Listing[]> {
    const info = await this.#door.get(
      new URL("/api/v3/exchangeInfo", this.#url),
      (body) => parseJson(body, exchangeInfo),
      signal,
    );
    const volumes = await this.#door.get(
      new URL("/api/v3/ticker/24hr", this.#url),
      (body) => new Map(parseJson(body, tickers).map((one) => [one.symbol, one.quoteVolume])),
      signal,
    );
    const names = wanted === undefined ? undefined : new Set(wanted);
    return info.symbols
      .filter(({ symbol, status }) => status === "TRADING" && (names?.has(symbol) ?? true))
      .map(({ symbol, baseAsset, quoteAsset, filters }) => ({
        ticker: symbol,
        identity: baseAsset,
        assetType: "crypto",
        sector: null,
        currency: quoteAsset,
        volume24h: volumes.get(symbol) ?? NaN,
        execution: executionRules(filters, this.#feeBps),
      }));
  }

  async *bars(
    { ticker, interval, range }: BarRequest,
    signal: AbortSignal,
  ): AsyncGenerator<BarPage> {
    const intervalS = intervalSeconds(interval);
    for (let fromS = range.fromS; fromS < range.toS;) {
      const url = new URL("/api/v3/klines", this.#url);
      url.search = new URLSearchParams({
        symbol: ticker,
        interval,
        startTime: String(fromS * 1000),
        endTime: String(range.toS * 1000 - 1),
        limit: String(PAGE_BARS),
      }).toString();
      const rows = await this.#door.get(url, (body) => parseJson(body, klines), signal);
      const lastS = rows.length === 0 ? fromS : Math.floor(rows[rows.length - 1][0] / 1000);
      if (lastS < fromS) {
        throw new Error(
          `Cannot page bars of ${ticker}: asked from ${fromS}, it answered to ${lastS}`,
        );
      }
      const isLast = rows.length < PAGE_BARS;
      const toS = isLast ? range.toS : Math.min(range.toS, lastS + intervalS);
      const bars = barsOf(
        rows.map((
          [openMs, ...fields],
        ) => [Math.floor(openMs / 1000), ...fields.slice(0, 5) as number[]]),
        { fromS, toS },
      );
      yield { bars, range: { fromS, toS } };
      fromS = toS;
    }
  }
}

type Filters = readonly Readonly<Record<string, unknown>>[];

function executionRules(filters: Filters, feeBps: number): ExecutionRules {
  const value = (type: string, key: string) =>
    Number(filters.find(({ filterType }) => filterType === type)?.[key] ?? NaN);
  const notional = value("NOTIONAL", "minNotional");
  return {
    lotSize: value("LOT_SIZE", "stepSize"),
    tickSize: value("PRICE_FILTER", "tickSize"),
    minNotional: Number.isNaN(notional) ? value("MIN_NOTIONAL", "minNotional") : notional,
    feeBps,
  };
}
