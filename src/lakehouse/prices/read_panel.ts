import { type Ohlcv, OHLCV_FIELDS, type OhlcvField } from "../../quant/ohlcv.ts";
import type { Panel } from "../../quant/panel.ts";
import { numbersOf } from "../columns.ts";
import type { Lakehouse } from "../lakehouse.ts";
import { findPriceTables, type PriceTablesOptions } from "./price_tables.ts";
import { PRICES_SCHEMA } from "./prices_schema.ts";

/** What part of the tables is wanted. */
export interface ReadPanelOptions extends PriceTablesOptions {
  /** Only so many of the last rows of the union of dates; default: all. */
  readonly lastRows?: number;
}

/** The closes of symbols, over the union of their dates.
 * @returns T × N closes in the order of `symbols`; NaN where a symbol has no bar on a date
 * @throws {UserError} for a symbol without a table, or with one in another state than was asked for */
export async function readPanel(
  lake: Lakehouse,
  symbols: readonly string[],
  options: ReadPanelOptions = {},
): Promise<Panel> {
  const { timestampsS, close } = await readFields(lake, symbols, ["close"], options);
  return { timestampsS, symbols: [...symbols], values: close };
}

/** The bars of symbols, over the union of their dates.
 * @returns T × N values of each field in the order of `symbols`; NaN where a symbol has no bar on a date, or its table
 * does not tell the field
 * @throws {UserError} for a symbol without a table, or with one in another state than was asked for */
export async function readOhlcv(
  lake: Lakehouse,
  symbols: readonly string[],
  options: ReadPanelOptions = {},
): Promise<Ohlcv> {
  return { symbols: [...symbols], ...await readFields(lake, symbols, OHLCV_FIELDS, options) };
}

async function readFields<F extends OhlcvField>(
  lake: Lakehouse,
  symbols: readonly string[],
  fields: readonly F[],
  options: ReadPanelOptions,
): Promise<{ readonly timestampsS: Float64Array } & Readonly<Record<F, Float64Array>>> {
  const series: Series[] = [];
  for (const entry of await findPriceTables(lake, symbols, options)) {
    const columns = await lake.readTable(entry, PRICES_SCHEMA, {
      columns: ["timestamp", ...fields],
    });
    series.push({
      timestampsS: numbersOf(columns, "timestamp"),
      fields: fields.map((field) => numbersOf(columns, field)),
    });
  }
  const union = unionOfTimes(series);
  const timestampsS = options.lastRows === undefined
    ? union
    : union.slice(Math.max(0, union.length - options.lastRows));
  const aligned = fields.map((field, k) => [field, alignField(series, k, timestampsS)] as const);
  return {
    timestampsS,
    ...Object.fromEntries(aligned) as Record<F, Float64Array>,
  };
}

interface Series {
  readonly timestampsS: Float64Array;
  /** Values by field, one a time. */
  readonly fields: readonly Float64Array[];
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

/** T × N values of field `k` at the times wanted. */
function alignField(series: readonly Series[], k: number, timestampsS: Float64Array): Float64Array {
  const width = series.length;
  const values = new Float64Array(timestampsS.length * width).fill(NaN);
  series.forEach((one, j) => {
    const field = one.fields[k];
    for (let i = 0, row = 0; i < one.timestampsS.length && row < timestampsS.length;) {
      if (one.timestampsS[i] === timestampsS[row]) values[row++ * width + j] = field[i++];
      else if (one.timestampsS[i] < timestampsS[row]) i++;
      else row++;
    }
  });
  return values;
}
