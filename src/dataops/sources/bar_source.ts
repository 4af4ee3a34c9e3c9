import type { Ohlcv } from "../../quant/ohlcv.ts";
import type { TimeRange } from "../time_ranges.ts";

/** Bars of one symbol, oldest first: when each begins in seconds since the Unix epoch, and its parts; NaN where the source
 * does not tell one. Every bar has a close. */
export type Bars = Omit<Ohlcv, "symbols">;

/** What is asked of a source. */
export interface BarRequest {
  /** The symbol as the source calls it. */
  readonly ticker: string;
  /** For instance `1d`. */
  readonly interval: string;
  /** Bars that begin within it. */
  readonly range: TimeRange;
}

/** One answer: its bars, and the time that is answered for with it. */
export interface BarPage {
  readonly bars: Bars;
  /** Ranges of successive pages touch, and together are what was asked for. */
  readonly range: TimeRange;
}

/** What a source knows of one of its symbols. */
export interface Listing {
  /** As the source calls it. */
  readonly ticker: string;
  /** What is traded, whatever the exchange and the currency: `BTC` of BTCUSDT. */
  readonly identity: string;
  /** `crypto`, `equity`, `fx`, … */
  readonly assetType: string;
  /** Null where it is not known. */
  readonly sector: string | null;
  /** Quote currency; null where it is not known. */
  readonly currency: string | null;
  /** Traded in the last 24 hours, in the quote currency; NaN where it is not known. */
  readonly volume24h: number;
  /** How orders have to be; NaN where it is not known. */
  readonly execution: ExecutionRules;
}

/** How orders in a symbol have to be. */
export interface ExecutionRules {
  /** Least step of an amount, in units of the asset. */
  readonly lotSize: number;
  /** Least step of a price, in the quote currency. */
  readonly tickSize: number;
  /** Least value of an order, in the quote currency. */
  readonly minNotional: number;
  /** Of what is traded, in basis points. */
  readonly feeBps: number;
}

/** Where bars come from. */
export interface BarSource {
  /** What it knows of symbols.
   * @param wanted those asked for by name; undefined: all that the source lists
   * @throws {UserError} when it cannot list symbols by itself and none are named */
  list(wanted: readonly string[] | undefined, signal: AbortSignal): Promise<Listing[]>;
  /** The bars of a symbol, page after page, the oldest first. */
  bars(request: BarRequest, signal: AbortSignal): AsyncIterable<BarPage>;
  /** Whether past bars change with splits and dividends. */
  readonly isAdjusted: boolean;
  /** For sources that tell all that they have at once: a hash of what they would tell, by which one that has not changed
   * is not read. */
  fingerprint?(ticker: string): Promise<string>;
}

/** Bars in order, of those within a range that have a close.
 * @param rows timestamp, open, high, low, close, volume; later ones of the same time win */
export function barsOf(rows: readonly (readonly number[])[], range: TimeRange): Bars {
  const byTime = new Map<number, readonly number[]>();
  for (const row of rows) {
    const isInside = row[0] >= range.fromS && row[0] < range.toS;
    if (isInside && row[4] > 0 && row[4] < Infinity) byTime.set(row[0], row);
  }
  const kept = [...byTime.values()].sort((a, b) => a[0] - b[0]);
  const column = (field: number) => Float64Array.from(kept, (row) => row[field]);
  return {
    timestampsS: column(0),
    open: column(1),
    high: column(2),
    low: column(3),
    close: column(4),
    volume: column(5),
  };
}

/** Nothing is known of how to trade a symbol. */
export const UNKNOWN_EXECUTION: ExecutionRules = {
  lotSize: NaN,
  tickSize: NaN,
  minNotional: NaN,
  feeBps: NaN,
};
