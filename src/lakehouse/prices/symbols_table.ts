import type { Column } from "../columns.ts";
import { numbersOf } from "../columns.ts";
import type { Lakehouse } from "../lakehouse.ts";
import type { TableEntry } from "../snapshots/manifest.ts";
import type { TableWrite } from "../write_tables.ts";
import type { TableSchema } from "../table_schema.ts";

/** The name of the table of symbols. */
const SYMBOLS_TABLE = "symbols";

/** `valid_until` of what is valid still: the end of the year 9999. */
export const STILL_VALID_S = 253_402_300_799;

/** What is known of a symbol over a time; changes make a new record and close the one before. */
export interface SymbolRecord {
  /** As runs name it: `EXCHANGE:TICKER`, or the ticker alone. */
  readonly symbol: string;
  /** The source that its bars are fetched from, by its name in the manifest. */
  readonly source: string;
  /** As the source calls it. */
  readonly ticker: string;
  readonly exchange: string | null;
  /** `crypto`, `equity`, `fx`, … */
  readonly assetType: string;
  /** What is traded, whatever the exchange and the currency. */
  readonly identity: string;
  readonly sector: string | null;
  readonly currency: string | null;
  /** `24x7`, `24x5` or `XNYS`. */
  readonly calendar: string;
  /** When it was discovered last, in the quote currency; NaN where it is not known. Changes make no new record. */
  readonly volume24h: number;
  /** Since when it has been known so, seconds since the Unix epoch. */
  readonly validFromS: number;
  /** Until when it was known so; {@linkcode STILL_VALID_S} while it is. */
  readonly validUntilS: number;
}

const text = (name: string, nullable = false) =>
  ({ name, dtype: "utf8", nullable, unit: "text" }) as const;
const time = (name: string) =>
  ({ name, dtype: "i64", nullable: false, unit: "s since 1970, UTC" }) as const;

/** Symbols, slowly changing: a row for each time in which something else was known of one. */
export const SYMBOLS_SCHEMA: TableSchema = {
  name: "symbols",
  version: 1,
  columns: [
    text("symbol"),
    text("source"),
    text("ticker"),
    text("exchange", true),
    text("asset_type"),
    text("identity"),
    text("sector", true),
    text("currency", true),
    text("calendar"),
    { name: "volume_24h", dtype: "f64", nullable: true, unit: "quote currency" },
    time("valid_from"),
    time("valid_until"),
  ],
  sortedBy: ["symbol", "valid_from"],
  uniqueKeys: ["symbol", "valid_from"],
};

/** All records of a lakehouse; none when it has no such table.
 * @param tables of a version; default: of the newest one */
export async function readSymbols(
  lake: Lakehouse,
  tables?: ReadonlyMap<string, TableEntry>,
): Promise<SymbolRecord[]> {
  const entry = (tables ?? await lake.list()).get(SYMBOLS_TABLE);
  if (entry === undefined) return [];
  const columns = await lake.readTable(entry, SYMBOLS_SCHEMA);
  const [volumes, froms, untils] = ["volume_24h", "valid_from", "valid_until"].map((name) =>
    numbersOf(columns, name)
  );
  const texts = columns.filter((column) => column.dtype === "utf8");
  return Array.from(froms, (validFromS, row): SymbolRecord => {
    const cell = (name: string) => texts.find((column) => column.name === name)!.values[row];
    return {
      symbol: cell("symbol")!,
      source: cell("source")!,
      ticker: cell("ticker")!,
      exchange: cell("exchange"),
      assetType: cell("asset_type")!,
      identity: cell("identity")!,
      sector: cell("sector"),
      currency: cell("currency"),
      calendar: cell("calendar")!,
      volume24h: volumes[row],
      validFromS,
      validUntilS: untils[row],
    };
  });
}

/** The write that makes records the content of the table. */
export function symbolsWrite(records: readonly SymbolRecord[]): TableWrite {
  const sorted = [...records].sort((a, b) =>
    a.symbol === b.symbol ? a.validFromS - b.validFromS : a.symbol < b.symbol ? -1 : 1
  );
  const texts = (name: string, value: (record: SymbolRecord) => string | null): Column => ({
    name,
    dtype: "utf8",
    values: sorted.map(value),
  });
  const numbers = (
    name: string,
    dtype: "f64" | "i64",
    value: (record: SymbolRecord) => number,
  ): Column => ({ name, dtype, values: Float64Array.from(sorted, value) });
  return {
    name: SYMBOLS_TABLE,
    schema: SYMBOLS_SCHEMA,
    mode: "replace",
    sourceSha256: null,
    columns: [
      texts("symbol", ({ symbol }) => symbol),
      texts("source", ({ source }) => source),
      texts("ticker", ({ ticker }) => ticker),
      texts("exchange", ({ exchange }) => exchange),
      texts("asset_type", ({ assetType }) => assetType),
      texts("identity", ({ identity }) => identity),
      texts("sector", ({ sector }) => sector),
      texts("currency", ({ currency }) => currency),
      texts("calendar", ({ calendar }) => calendar),
      numbers("volume_24h", "f64", ({ volume24h }) => volume24h),
      numbers("valid_from", "i64", ({ validFromS }) => validFromS),
      numbers("valid_until", "i64", ({ validUntilS }) => validUntilS),
    ],
  };
}
