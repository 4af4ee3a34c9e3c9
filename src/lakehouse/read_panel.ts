import { UserError } from "../base/errors.ts";
import type { Panel } from "../quant/panel.ts";
import { numbersOf } from "./columns.ts";
import { DAILY } from "./fetch_prices.ts";
import type { Lakehouse } from "./lakehouse.ts";
import { PRICES_SCHEMA } from "./prices_schema.ts";
import { priceTableName } from "./symbol.ts";

/** What part of the tables is wanted. */
export interface ReadPanelOptions {
  /** Only so many of the last rows of the union of dates; default: all. */
  readonly lastRows?: number;
  /** The tables must be as the file of this SHA-256 says: so a run never goes on with the prices of another one that
   * fetched into the same lakehouse meanwhile. Default: any. */
  readonly sourceSha256?: string;
}

/** The closes of symbols, over the union of their dates.
 * @returns T × N closes in the order of `symbols`; NaN where a symbol has no bar on a date
 * @throws {UserError} for a symbol without a table, or with one of another source */
export async function readPanel(
  lake: Lakehouse,
  symbols: readonly string[],
  options: ReadPanelOptions = {},
): Promise<Panel> {
  const tables = await lake.list();
  const series: Series[] = [];
  for (const symbol of symbols) {
    const entry = tables.get(priceTableName(symbol, DAILY));
    const problem = entry === undefined
      ? "it has no table"
      : options.sourceSha256 !== undefined && entry.sourceSha256 !== options.sourceSha256
      ? `its table was written from another source (${entry.sourceSha256})`
      : undefined;
    if (entry === undefined || problem !== undefined) {
      throw new UserError(
        `Cannot read the prices of ${symbol} from the lakehouse ${lake.dir}: ${problem}`,
        { hint: "Fetch its prices first; give runs with different price files a lakehouse each." },
      );
    }
    const columns = await lake.readTable(entry, PRICES_SCHEMA, ["timestamp", "close"]);
    series.push({
      timestampsS: numbersOf(columns, "timestamp"),
      closes: numbersOf(columns, "close"),
    });
  }
  const union = unionOfTimes(series);
  const timestampsS = options.lastRows === undefined
    ? union
    : union.slice(Math.max(0, union.length - options.lastRows));
  return { timestampsS, symbols: [...symbols], values: alignCloses(series, timestampsS) };
}

interface Series {
  readonly timestampsS: Float64Array;
  readonly closes: Float64Array;
}

function unionOfTimes(series: readonly Series[]): Float64Array {
  if (series.length === 0) return new Float64Array();
  // Most symbols share their dates with the first: only what is new to it has to be sorted.
  const known = new Set(series[0].timestampsS);
  const size = known.size;
  for (const { timestampsS } of series) {
    for (let i = 0; i < timestampsS.length; i++) known.add(timestampsS[i]);
  }
  return known.size === size ? series[0].timestampsS : Float64Array.from(known).sort();
}

/** T × N closes at the times wanted. */
function alignCloses(series: readonly Series[], timestampsS: Float64Array): Float64Array {
  const width = series.length;
  const values = new Float64Array(timestampsS.length * width).fill(NaN);
  series.forEach((one, j) => {
    for (let i = 0, row = 0; i < one.timestampsS.length && row < timestampsS.length;) {
      if (one.timestampsS[i] === timestampsS[row]) values[row++ * width + j] = one.closes[i++];
      else if (one.timestampsS[i] < timestampsS[row]) i++;
      else row++;
    }
  });
  return values;
}
