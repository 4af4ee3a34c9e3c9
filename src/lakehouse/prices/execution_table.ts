import { type Column, numbersOf } from "../columns.ts";
import type { Lakehouse } from "../lakehouse.ts";
import type { TableEntry } from "../snapshots/manifest.ts";
import type { TableSchema } from "../table_schema.ts";
import type { TableWrite } from "../write_tables.ts";

/** The name of the table of execution rules. */
const EXECUTION_TABLE = "execution";

/** How orders in a symbol have to be; NaN is not known. */
export interface ExecutionRecord {
  readonly symbol: string;
  /** Units of the asset. */
  readonly lotSize: number;
  /** In the quote currency. */
  readonly tickSize: number;
  /** The least value of an order, in the quote currency. */
  readonly minNotional: number;
  /** Basis points of what is traded. */
  readonly feeBps: number;
  /** When it was known last, seconds since the Unix epoch. */
  readonly updatedAtS: number;
}

const rule = (name: string, unit: string) =>
  ({ name, dtype: "f64", nullable: true, unit }) as const;

/** How orders in each symbol have to be; what is not known is null. */
export const EXECUTION_SCHEMA: TableSchema = {
  name: "execution",
  version: 1,
  columns: [
    { name: "symbol", dtype: "utf8", nullable: false, unit: "text" },
    rule("lot_size", "units of the asset"),
    rule("tick_size", "quote currency"),
    rule("min_notional", "quote currency"),
    rule("fee_bps", "basis points of what is traded"),
    { name: "updated_at", dtype: "i64", nullable: false, unit: "s since 1970, UTC" },
  ],
  sortedBy: ["symbol"],
  uniqueKeys: ["symbol"],
};

/** All rules of a lakehouse, one record a symbol; none when it has no such table.
 * @param tables of a version; default: of the newest one */
export async function readExecution(
  lake: Lakehouse,
  tables?: ReadonlyMap<string, TableEntry>,
): Promise<ExecutionRecord[]> {
  const entry = (tables ?? await lake.list()).get(EXECUTION_TABLE);
  if (entry === undefined) return [];
  const columns = await lake.readTable(entry, EXECUTION_SCHEMA);
  const symbols = columns[0].values as readonly string[];
  const [lotSize, tickSize, minNotional, feeBps, updatedAt] = columns.slice(1).map(({ name }) =>
    numbersOf(columns, name)
  );
  return symbols.map((symbol, i) => ({
    symbol,
    lotSize: lotSize[i],
    tickSize: tickSize[i],
    minNotional: minNotional[i],
    feeBps: feeBps[i],
    updatedAtS: updatedAt[i],
  }));
}

/** The write that makes records the content of the table. */
export function executionWrite(records: readonly ExecutionRecord[]): TableWrite {
  const sorted = [...records].sort((a, b) => a.symbol < b.symbol ? -1 : 1);
  const numbers = (
    name: string,
    dtype: "f64" | "i64",
    value: (record: ExecutionRecord) => number,
  ): Column => ({ name, dtype, values: Float64Array.from(sorted, value) });
  return {
    name: EXECUTION_TABLE,
    schema: EXECUTION_SCHEMA,
    mode: "replace",
    sourceSha256: null,
    columns: [
      { name: "symbol", dtype: "utf8", values: sorted.map(({ symbol }) => symbol) },
      numbers("lot_size", "f64", ({ lotSize }) => lotSize),
      numbers("tick_size", "f64", ({ tickSize }) => tickSize),
      numbers("min_notional", "f64", ({ minNotional }) => minNotional),
      numbers("fee_bps", "f64", ({ feeBps }) => feeBps),
      numbers("updated_at", "i64", ({ updatedAtS }) => updatedAtS),
    ],
  };
}
