import type { Column } from "../columns.ts";
import type { TableSchema } from "../table_schema.ts";

const quote = (name: string, nullable: boolean, unit: string) =>
  ({ name, dtype: "f64", nullable, unit }) as const;

/** The bars of one symbol: a row for each bar that has a close. What a source does not tell is null. */
export const PRICES_SCHEMA: TableSchema = {
  name: "prices",
  version: 1,
  columns: [
    { name: "timestamp", dtype: "i64", nullable: false, unit: "s since 1970, UTC" },
    quote("open", true, "quote currency"),
    quote("high", true, "quote currency"),
    quote("low", true, "quote currency"),
    quote("close", false, "quote currency, adjusted"),
    quote("volume", true, "units of the asset"),
  ],
  sortedBy: ["timestamp"],
  uniqueKeys: ["timestamp"],
};

/** A prices table of closes alone.
 * @param timestampsS T times in seconds, rising
 * @param closes T closes, none missing */
export function closesTable(timestampsS: Float64Array, closes: Float64Array): Column[] {
  return PRICES_SCHEMA.columns.map(({ name }): Column => {
    if (name === "timestamp") return { name, dtype: "i64", values: timestampsS };
    const values = name === "close" ? closes : new Float64Array(closes.length).fill(NaN);
    return { name, dtype: "f64", values };
  });
}
