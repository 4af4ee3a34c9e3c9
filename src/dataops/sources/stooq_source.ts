import { UserError } from "../../base/errors.ts";
import { parsePricesCsv } from "../../lakehouse/price_files/prices_csv.ts";
import { utcDate } from "../../quant/calendars/utc_day.ts";
import {
  type BarPage,
  type BarRequest,
  barsOf,
  type BarSource,
  type Listing,
  UNKNOWN_EXECUTION,
} from "./bar_source.ts";
import { barRows } from "./bar_rows.ts";
import type { HttpDoor } from "./http_door.ts";

const INTERVALS: Readonly<Record<string, string>> = { "1d": "d", "1w": "w" };

/** Servers that give a CSV of daily or weekly bars as Stooq does: all bars of a range at once, adjusted. */
export class StooqSource implements BarSource {
  readonly isAdjusted = true;
  readonly #door: HttpDoor;
  readonly #url: string;
  readonly #suffix: string;

  /** @param url for instance `https://stooq.com`
   * @param suffix that follows tickers, for instance `.us` */
  constructor(door: HttpDoor, url: string, suffix: string) {
    this.#door = door;
    this.#url = url;
    this.#suffix = suffix;
  }

  /** The symbols that are asked for: the server lists none. */
  list(wanted: readonly string[] | undefined): Promise<Listing[]> {
    return Promise.resolve(namedListings(wanted, "stooq", "equity"));
  }

  async *bars(
    { ticker, interval, range }: BarRequest,
    signal: AbortSignal,
  ): AsyncGenerator<BarPage> {
    if (!Object.hasOwn(INTERVALS, interval)) {
      throw new UserError(
        "dataops/bad-interval",
        `Cannot take ${interval} bars from a stooq source`,
        {
          hint: `It has: ${Object.keys(INTERVALS).join(", ")}.`,
        },
      );
    }
    const url = new URL("/q/d/l/", this.#url);
    url.search = new URLSearchParams({
      s: `${ticker.toLowerCase()}${this.#suffix}`,
      i: INTERVALS[interval],
      d1: utcDate(range.fromS).replaceAll("-", ""),
      d2: utcDate(range.toS - 1).replaceAll("-", ""),
    }).toString();
    const rows = await this.#door.get(url, (body) => readCsv(body, ticker), signal);
    yield { bars: barsOf(rows, range), range };
  }
}

function readCsv(body: Uint8Array, ticker: string): number[][] {
  const text = new TextDecoder().decode(body.subarray(0, 100)).trim();
  if (/^no data/i.test(text)) return [];
  // Said with status 200; thrown, it is tried again later, as a limit should be.
  if (/exceeded/i.test(text)) throw new Error(text);
  return barRows(parsePricesCsv(body, ticker), ticker);
}

/** Listings of symbols of which no more than the name is known.
 * @throws {UserError} when no name is given */
export function namedListings(
  wanted: readonly string[] | undefined,
  source: string,
  assetType: string,
): Listing[] {
  if (wanted === undefined) {
    throw new UserError(
      "dataops/bad-source",
      `Cannot discover symbols of a ${source} source: it lists none`,
      {
        hint: 'Name them in the scanner: "symbols": ["AAPL", "MSFT"].',
      },
    );
  }
  return wanted.map((ticker) => ({
    ticker,
    identity: ticker,
    assetType,
    sector: null,
    currency: null,
    volume24h: NaN,
    execution: UNKNOWN_EXECUTION,
  }));
}
