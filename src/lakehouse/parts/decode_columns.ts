import { zstdDecompressSync } from "node:zlib";
import { type FileMetaData, parquetRead, type SchemaElement } from "hyparquet";
import type { Column, ColumnType } from "../columns.ts";

/** The columns of a file that this program wrote, decoded here: for short ones quicker than a call to the library.
 * @param names in the order of the file
 * @param slice gives the bytes from `start` to before `end` of the file
 * @throws {Error} when it has no such column, or the bytes are no pages of it */
export async function decodeColumns(
  metadata: FileMetaData,
  byteLength: number,
  names: readonly string[],
  slice: (start: number, end: number) => ArrayBuffer,
): Promise<Column[]> {
  const rows = Number(metadata.num_rows);
  const columns = names.map((name) => emptyColumn(name, dtypeOf(metadata.schema, name), rows));
  await parquetRead({
    file: { byteLength, slice: (start, end) => slice(start, end ?? byteLength) },
    metadata,
    columns: [...names],
    compressors: { ZSTD: (input) => new Uint8Array(zstdDecompressSync(input)) },
    onChunk: ({ columnName, columnData, rowStart }) => {
      fill(columns.find(({ name }) => name === columnName)!, columnData, rowStart);
    },
  });
  return columns;
}

function emptyColumn(name: string, dtype: ColumnType, rows: number): Column {
  return dtype === "utf8"
    ? { name, dtype, values: new Array<string | null>(rows).fill(null) }
    : { name, dtype, values: new Float64Array(rows).fill(NaN) };
}

function fill(column: Column, data: ArrayLike<unknown>, from: number): void {
  if (column.dtype === "utf8") {
    const values = column.values as (string | null)[];
    for (let i = 0; i < data.length; i++) values[from + i] = (data[i] ?? null) as string | null;
    return;
  }
  for (let i = 0; i < data.length; i++) {
    const value = data[i];
    column.values[from + i] = value instanceof Date
      ? value.getTime() / 1000
      : value === null || value === undefined
      ? NaN
      : Number(value);
  }
}

function dtypeOf(schema: readonly SchemaElement[], name: string): ColumnType {
  const element = schema.find((one) => one.name === name);
  const logical = element?.logical_type?.type;
  switch (element?.type) {
    case "DOUBLE":
    case "FLOAT":
      return "f64";
    case "BYTE_ARRAY":
      return "utf8";
    case "INT32":
    case "INT64":
      return logical === "TIMESTAMP" ? "timestamp" : logical === "DATE" ? "date" : "i64";
    default:
      throw new Error(`its column "${name}" is of type ${element?.type}`);
  }
}

/** The bytes as a buffer of their own, copied only when they are a part of a larger one. */
export function bufferOf(bytes: Uint8Array): ArrayBuffer {
  const { buffer, byteOffset, byteLength } = bytes;
  const isWhole = byteOffset === 0 && byteLength === buffer.byteLength;
  return (isWhole ? buffer : buffer.slice(byteOffset, byteOffset + byteLength)) as ArrayBuffer;
}
