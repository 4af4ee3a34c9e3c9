import { z } from "zod";
import { UserError } from "../../base/errors.ts";
import { intervalSeconds } from "../interval.ts";
import { adjustedRow } from "./bar_rows.ts";
import {
  type BarPage,
  type BarRequest,
  barsOf,
  type BarSource,
  type Listing,
} from "./bar_source.ts";
import type { HttpDoor } from "./http_door.ts";
import { parseJson } from "./parse_json.ts";
import { namedListings } from "./stooq_source.ts";

const SECONDS_PER_DAY = 86_400;
const INTERVALS: Readonly<Record<string, string>> = {
  "1m": "1m",
  "5m": "5m",
  "15m": "15m",
  "30m": "30m",
  "1h": "60m",
  "1d": "1d",
  "1w": "1wk",
};

const values = z.array(z.number().nullable());
const chart = z.object({
  chart: z.object({
    result: z.array(z.object({
      meta: z.object({ gmtoffset: z.number() }),
      timestamp: z.array(z.number()).optional(),
      indicators: z.object({
        quote: z.array(z.object({
          open: values.optional(),
          high: values.optional(),
          low: values.optional(),
          close: values.optional(),
          volume: values.optional(),
        })),
        adjclose: z.array(z.object({ adjclose: values })).optional(),
      }),
    })).nullable(),
    error: z.object({ code: z.string(), description: z.string() }).nullable(),
  }),
});
type Chart = z.infer<typeof chart>;

/** Servers that give bars as Yahoo's charts do: all bars of a range at once; opens, highs and lows are adjusted as the
 * adjusted closes are. */
export class YahooSource implements BarSource {
  readonly isAdjusted = true;
  readonly #door: HttpDoor;
  readonly #url: string;

  /** @param url for instance `https://query1.finance.yahoo.com` */
  constructor(door: HttpDoor, url: string) {
    this.#door = door;
    this.#url = url;
  }

  /** The symbols that are asked for: the server lists none. */
  list(wanted: readonly string[] | undefined): Promise<Listing[]> {
    return Promise.resolve(namedListings(wanted, "yahoo", "equity"));
  }

  async *bars(
    { ticker, interval, range }: BarRequest,
    signal: AbortSignal,
  ): AsyncGenerator<BarPage> {
    if (!Object.hasOwn(INTERVALS, interval)) {
      throw new UserError(
        "dataops/bad-interval",
        `Cannot take ${interval} bars from a yahoo source`,
        {
          hint: `It has: ${Object.keys(INTERVALS).join(", ")}.`,
        },
      );
    }
    const url = new URL(`/v8/finance/chart/${encodeURIComponent(ticker)}`, this.#url);
    url.search = new URLSearchParams({
      period1: String(range.fromS),
      period2: String(range.toS),
      interval: INTERVALS[interval],
      events: "div,splits",
    }).toString();
    const answer = await this.#door.get(url, (body) => parseJson(body, chart), signal);
    yield { bars: barsOf(rowsOf(answer, ticker, intervalSeconds(interval)), range), range };
  }
}

function rowsOf(
  { chart: { result, error } }: Chart,
  ticker: string,
  intervalS: number,
): number[][] {
  if (error !== null) {
    throw new UserError(
      "dataops/no-bars",
      `Cannot get bars of ${ticker}: ${error.code}, ${error.description}`,
    );
  }
  const found = result?.[0];
  const quote = found?.indicators.quote[0];
  if (found?.timestamp === undefined || quote === undefined) return [];
  const adjusted = found.indicators.adjclose?.[0]?.adjclose;
  return found.timestamp.map((timestampS, i) => {
    const prices = [quote.open, quote.high, quote.low, quote.close].map((all) => all?.[i] ?? NaN);
    // A day's bar carries the time at which the exchange opened: it is known by the date there.
    const time = intervalS < SECONDS_PER_DAY
      ? timestampS
      : Math.floor((timestampS + found.meta.gmtoffset) / SECONDS_PER_DAY) * SECONDS_PER_DAY;
    return adjustedRow(time, prices, quote.volume?.[i] ?? NaN, adjusted?.[i] ?? NaN);
  });
}
