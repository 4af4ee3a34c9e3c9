import type { Column, ColumnType } from "../columns.ts";
import type { ColumnStats } from "../snapshots/manifest.ts";
import { chunkBytesAt, type ColumnChunk, decodeChunk, encodeChunk } from "./column_chunk.ts";
import { type DescribedChunk, encodeFooter } from "./parquet_footer.ts";
import { statsOf } from "./part_stats.ts";

const MAGIC = new TextEncoder().encode("PAR1");
const FOOTER_LENGTH_BYTES = 4;
/** Where the first chunk of a file begins. */
export const FIRST_CHUNK_AT = MAGIC.length;

/** A file of rows, with what a manifest says of it. */
export interface PartFile {
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** Of every column, in their order. */
  readonly stats: readonly ColumnStats[];
  /** Of every column, in their order: they follow each other without gaps from {@linkcode FIRST_CHUNK_AT} on. */
  readonly chunks: readonly Uint8Array[];
}

/** Columns as a Parquet file of one row group, one page a column. Equal columns give equal bytes on every machine with the
 * same zstd; numbers are not compressed where they take little, so that to read them is to copy them.
 * @param columns of equal length, in the order in which they shall stand
 * @throws {TypeError} when a column of whole numbers or of times holds something else
 * Source: Apache Parquet, "File Format". */
export function encodePart(columns: readonly Column[]): PartFile {
  const rows = columns[0].values.length;
  const stats = columns.map(statsOf);
  const chunks = columns.map((column, j) => encodeChunk(column, stats[j][2]));
  const footer = encodeFooter(rows, describe(columns, stats, chunks));
  const bodyBytes = chunks.reduce((sum, { bytes }) => sum + bytes.length, 0);
  const bytes = new Uint8Array(
    FIRST_CHUNK_AT + bodyBytes + footer.length + FOOTER_LENGTH_BYTES + MAGIC.length,
  );
  let at = 0;
  const append = (piece: Uint8Array) => {
    bytes.set(piece, at);
    at += piece.length;
  };
  append(MAGIC);
  for (const chunk of chunks) append(chunk.bytes);
  append(footer);
  new DataView(bytes.buffer).setUint32(at, footer.length, true);
  at += FOOTER_LENGTH_BYTES;
  append(MAGIC);
  return { bytes, stats, chunks: chunks.map((chunk) => chunk.bytes) };
}

/** Columns of a file that {@linkcode encodePart} wrote.
 * @param rows that it has
 * @param columns all that it has, in their order
 * @param names of those that are wanted; default: all
 * @returns those, in the order of the file
 * @throws {Error} when it is another file */
export function decodePart(
  bytes: Uint8Array,
  rows: number,
  columns: readonly { readonly name: string; readonly dtype: ColumnType }[],
  names?: ReadonlySet<string>,
): Column[] {
  const wanted: Column[] = [];
  let at = FIRST_CHUNK_AT;
  for (const { name, dtype } of columns) {
    const end = at + chunkBytesAt(bytes, at, rows);
    if (names === undefined || names.has(name)) {
      const values = decodeChunk(bytes.subarray(at, end), dtype, rows);
      wanted.push({ name, dtype, values } as Column);
    }
    at = end;
  }
  return wanted;
}

function describe(
  columns: readonly Column[],
  stats: readonly ColumnStats[],
  chunks: readonly ColumnChunk[],
): DescribedChunk[] {
  let start = FIRST_CHUNK_AT;
  return columns.map(({ name, dtype }, j) => {
    const { bytes: { length: sizeBytes }, plainBytes, isCompressed } = chunks[j];
    const chunk = { name, dtype, stats: stats[j], start, sizeBytes, plainBytes, isCompressed };
    start += sizeBytes;
    return chunk;
  });
}
