import { parquetMetadata } from "hyparquet";
import { type ColumnSource, parquetWriteBuffer, type SchemaElement } from "hyparquet-writer";
import type { Column } from "../columns.ts";
import { toBigInts, toDays } from "../parquet_integers.ts";
import { bufferOf, decodeColumns } from "./decode_columns.ts";

/** Values up to which a part is small: a year of daily bars. A call to the library of the large ones takes longer than all
 * the work here, and a merge of a day into every table consists of nothing but small parts. */
export const SMALL_CELLS = 2048;
/** No small part is larger; some that are large in values are not, which is no harm. */
export const SMALL_BYTES = 2 ** 15;

/** Parquet bytes (not compressed) of a few values. Equal columns give equal bytes with the pinned version of the library,
 * on every machine.
 * @param columns of equal length, in the order in which they shall stand
 * @throws {TypeError} when a column of whole numbers or of times holds something else */
export function encodeSmall(columns: readonly Column[]): Uint8Array {
  const elements = columns.map(elementOf);
  return new Uint8Array(parquetWriteBuffer({
    columnData: columns.map(dataOf),
    schema: [{ name: "root", num_children: columns.length }, ...elements],
    codec: "UNCOMPRESSED",
    // The manifest has the bounds of every column.
    statistics: false,
  }));
}

/** The columns named of a small part.
 * @throws {Error} when it has no such column, or is no Parquet file */
export async function decodeSmall(bytes: Uint8Array, names: readonly string[]): Promise<Column[]> {
  const buffer = bufferOf(bytes);
  return await decodeColumns(
    parquetMetadata(buffer),
    buffer.byteLength,
    names,
    (start, end) => buffer.slice(start, end),
  );
}

function elementOf({ name, dtype }: Column): SchemaElement {
  const optional = { name, repetition_type: "OPTIONAL" } as const;
  switch (dtype) {
    case "f64":
      return { ...optional, type: "DOUBLE" };
    case "i64":
      return { ...optional, type: "INT64" };
    case "timestamp":
      return {
        ...optional,
        type: "INT64",
        converted_type: "TIMESTAMP_MILLIS",
        logical_type: { type: "TIMESTAMP", isAdjustedToUTC: true, unit: "MILLIS" },
      };
    case "date":
      return {
        ...optional,
        type: "INT32",
        converted_type: "DATE",
        logical_type: { type: "DATE" },
      };
    case "utf8":
      return {
        ...optional,
        type: "BYTE_ARRAY",
        converted_type: "UTF8",
        logical_type: { type: "STRING" },
      };
  }
}

function dataOf({ name, dtype, values }: Column): ColumnSource {
  switch (dtype) {
    case "f64":
      return { name, data: Array.from(values, (value) => Number.isNaN(value) ? null : value) };
    case "i64":
      return { name, data: toBigInts(name, values, 1) };
    case "timestamp":
      return { name, data: toBigInts(name, values, 1000) };
    case "date":
      return { name, data: toDays(name, values) };
    case "utf8":
      return { name, data: [...values] };
  }
}
