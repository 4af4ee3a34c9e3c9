import { UserError } from "../../base/errors.ts";
import type { Column } from "../columns.ts";
import { decodeParquet } from "../parquet/parquet_codec.ts";
import type { RawPrices } from "./raw_prices.ts";
import { epochToSeconds, MAX_DATE_S, parseTimestampS } from "../timestamp_text.ts";

/** Reads a wide Parquet table of prices: a column of dates (the first one; else the only one that has a date type, as
 * pandas stores an index), then one column of numbers a symbol; null and NaN are holes.
 * @param path names the file in messages
 * @throws {UserError} with the row, column and value of what cannot be read */
export async function parsePricesParquet(bytes: Uint8Array, path: string): Promise<RawPrices> {
  const columns = await decodeParquet(bytes, path);
  if (columns.length === 0) {
    throw new UserError("prices/bad-shape", `Cannot read prices from ${path}: it has no columns`);
  }
  const times = columns.filter(({ dtype }) => dtype === "timestamp" || dtype === "date");
  const first = columns[0];
  const dates = first.dtype === "f64" && times.length === 1 ? times[0] : first;
  const timestampsS = toTimestamps(dates, path);
  const prices = columns.filter((column) => column !== dates);
  if (prices.length === 0) {
    throw new UserError(
      "prices/bad-shape",
      `Cannot read prices from ${path}: there is no column beside the date "${dates.name}"`,
    );
  }
  if (timestampsS.length === 0) {
    throw new UserError(
      "prices/bad-shape",
      `Cannot read prices from ${path}: it has columns, but no rows`,
    );
  }
  const width = prices.length;
  const values = new Float64Array(timestampsS.length * width);
  prices.forEach((column, j) => {
    const numbers = priceNumbers(column, path);
    for (let i = 0, at = j; i < numbers.length; i++, at += width) values[at] = numbers[i];
  });
  return { timestampsS, symbols: prices.map(({ name }) => name), values, firstRowNumber: 1 };
}

function priceNumbers(column: Column, path: string): Float64Array {
  if (column.dtype === "f64" || column.dtype === "i64") return column.values;
  const row = column.values.findIndex((value) => value !== null);
  const value = row < 0 ? "nothing" : JSON.stringify(column.values[row]);
  throw new UserError(
    "prices/bad-cell",
    `Cannot read prices from ${path}: column "${column.name}" is of type ${column.dtype}, row ${
      Math.max(0, row) + 1
    } has ${value} where a price should be`,
  );
}

function toTimestamps(column: Column, path: string): Float64Array {
  switch (column.dtype) {
    case "date":
    case "timestamp":
      return column.values.map((value, i) => {
        const seconds = Math.abs(value) <= MAX_DATE_S ? Math.floor(value) : NaN;
        return orRefuse(seconds, String(value), i, column.name, path);
      });
    case "i64":
      return column.values.map((value, i) =>
        orRefuse(parseTimestampS(String(value)), String(value), i, column.name, path)
      );
    case "utf8":
      return Float64Array.from(
        column.values,
        (text, i) =>
          orRefuse(parseTimestampS(text ?? ""), JSON.stringify(text), i, column.name, path),
      );
    case "f64":
      return column.values.map((value, i) =>
        // Counts since 1970 that went through a table of floats; a price is never as large.
        orRefuse(value >= 1e8 ? epochToSeconds(value) : NaN, String(value), i, column.name, path)
      );
  }
}

function orRefuse(
  timestampS: number,
  shown: string,
  row: number,
  name: string,
  path: string,
): number {
  if (!Number.isNaN(timestampS)) return timestampS;
  const problem = row === 0 ? "the first column is no column of dates: " : "";
  throw new UserError(
    "prices/bad-date",
    `Cannot read prices from ${path}: ${problem}row ${row + 1}, column "${name}" has ${shown}`,
    {
      hint: "The first column must be of dates, times, ISO text, or counts of s or ms since 1970.",
    },
  );
}
