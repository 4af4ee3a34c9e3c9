import { type Column, numbersOf } from "../lakehouse/columns.ts";
import type { Lakehouse } from "../lakehouse/lakehouse.ts";
import type { TableWrite } from "../lakehouse/write_tables.ts";
import type { TableSchema } from "../lakehouse/table_schema.ts";
import type { Candidate } from "./discover.ts";
import type { ExecutionRules } from "./sources/bar_source.ts";

const EXECUTION_TABLE = "execution";

const rule = (name: string, unit: string) =>
  ({ name, dtype: "f64", nullable: true, unit }) as const;

/** How orders in each symbol have to be; what is not known is null. */
const EXECUTION_SCHEMA: TableSchema = {
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

interface Row extends ExecutionRules {
  readonly symbol: string;
  readonly updatedAtS: number;
}

/** The write that brings the table up to date with candidates; rows of other symbols stay. */
export async function executionWrite(
  lake: Lakehouse,
  candidates: readonly Candidate[],
  nowS: number,
): Promise<TableWrite> {
  const rows = new Map((await readRows(lake)).map((row) => [row.symbol, row]));
  for (const { record: { symbol }, execution } of candidates) {
    rows.set(symbol, { symbol, ...execution, updatedAtS: nowS });
  }
  const sorted = [...rows.values()].sort((a, b) => a.symbol < b.symbol ? -1 : 1);
  const numbers = (name: string, dtype: "f64" | "i64", value: (row: Row) => number): Column => ({
    name,
    dtype,
    values: Float64Array.from(sorted, value),
  });
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

async function readRows(lake: Lakehouse): Promise<Row[]> {
  const entry = (await lake.list()).get(EXECUTION_TABLE);
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
