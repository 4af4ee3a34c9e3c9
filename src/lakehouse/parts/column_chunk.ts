import { zstdCompressSync, zstdDecompressSync } from "node:zlib";
import type { Column, ColumnType } from "../columns.ts";
import { decodePlain, encodePlain } from "./plain_values.ts";
import { appendVarint, encodeThrift, i32, readVarint, struct } from "./thrift_compact.ts";

/** Parquet's number for the encoding PLAIN. */
export const PLAIN = 0;
/** Parquet's number for the encoding of levels. */
export const RLE = 3;
const DATA_PAGE = 0;
/** A smaller page is not compressed: to decompress it takes longer than to carry what is saved. */
const MIN_COMPRESSED_BYTES = 2 ** 15;
/** A page is compressed when it becomes smaller than so much of itself. */
const MAX_COMPRESSED_FRACTION = 0.5;
const LENGTH_BYTES = 4;
/** Headers of the fields of a page's header, as {@linkcode encodeThrift} writes them. */
const NEXT_I32 = 0x15, STRUCT_AFTER_NEXT = 0x2c, STOP = 0;

/** A column of a file: its one page with the header. */
export interface ColumnChunk {
  readonly bytes: Uint8Array;
  /** Its length if it were not compressed. */
  readonly plainBytes: number;
  readonly isCompressed: boolean;
}

/** A column as a chunk of Parquet: one page, PLAIN, compressed by zstd only where that saves much.
 * @param missing how many values are missing
 * @throws {TypeError} as {@linkcode encodePlain} */
export function encodeChunk(column: Column, missing: number): ColumnChunk {
  const levels = encodeLevels(column, missing), values = encodePlain(column, missing);
  const page = new Uint8Array(LENGTH_BYTES + levels.length + values.length);
  new DataView(page.buffer).setUint32(0, levels.length, true);
  page.set(levels, LENGTH_BYTES);
  page.set(values, LENGTH_BYTES + levels.length);
  const compressed = compress(page);
  const body = compressed ?? page;
  const header = encodeThrift(struct(
    [1, i32(DATA_PAGE)],
    [2, i32(page.length)],
    [3, i32(body.length)],
    [
      5,
      struct([1, i32(column.values.length)], [2, i32(PLAIN)], [3, i32(RLE)], [4, i32(RLE)]),
    ],
  ));
  const bytes = new Uint8Array(header.length + body.length);
  bytes.set(header);
  bytes.set(body, header.length);
  const plainBytes = header.length + page.length;
  return { bytes, plainBytes, isCompressed: compressed !== undefined };
}

/** The values of a chunk that {@linkcode encodeChunk} wrote.
 * @param bytes may go on after it
 * @throws {Error} when it is no such chunk of so many rows */
export function decodeChunk(
  bytes: Uint8Array,
  dtype: ColumnType,
  rows: number,
): Column["values"] {
  const { bodyAt, bodyBytes, pageBytes } = readHeader(bytes, rows);
  const body = bytes.subarray(bodyAt, bodyAt + bodyBytes);
  const page = bodyBytes === pageBytes ? body : new Uint8Array(zstdDecompressSync(body));
  if (page.length !== pageBytes || pageBytes < LENGTH_BYTES) {
    throw new Error(`a page of ${pageBytes} bytes was expected; found ${page.length}`);
  }
  const view = new DataView(page.buffer, page.byteOffset, page.byteLength);
  const valuesAt = LENGTH_BYTES + view.getUint32(0, true);
  const present = decodeLevels(page.subarray(LENGTH_BYTES, valuesAt), rows);
  const values = page.subarray(valuesAt);
  return typeof present === "boolean"
    ? present ? decodePlain(values, dtype, rows) : missingValues(dtype, rows)
    : spread(decodePlain(values, dtype, present.reduce((sum, one) => sum + one, 0)), present);
}

/** The length of the chunk that begins at a byte.
 * @param rows that it has
 * @throws {Error} when none does */
export function chunkBytesAt(bytes: Uint8Array, at: number, rows: number): number {
  const { bodyAt, bodyBytes } = readHeader(bytes.subarray(at), rows);
  return bodyAt + bodyBytes;
}

function compress(page: Uint8Array): Uint8Array | undefined {
  if (page.length < MIN_COMPRESSED_BYTES) return undefined;
  const compressed = zstdCompressSync(page);
  return compressed.length < page.length * MAX_COMPRESSED_FRACTION
    ? new Uint8Array(compressed)
    : undefined;
}

/** Which values are there: one run when all or none are, else a bit a row. */
function encodeLevels({ values }: Column, missing: number): Uint8Array {
  const rows = values.length, out: number[] = [];
  if (missing === 0 || missing === rows) {
    appendVarint(out, rows * 2);
    out.push(missing === 0 ? 1 : 0);
    return Uint8Array.from(out);
  }
  const groups = Math.ceil(rows / 8);
  appendVarint(out, groups * 2 + 1);
  const bits = new Uint8Array(groups);
  for (let i = 0; i < rows; i++) if (!isMissing(values[i])) bits[i >> 3] |= 1 << (i & 7);
  return Uint8Array.from([...out, ...bits]);
}

/** Whether all values are there, or none; else a one for each that is. */
function decodeLevels(levels: Uint8Array, rows: number): boolean | Uint8Array {
  const { value, next } = readVarint(levels, 0);
  const bits = levels.subarray(next);
  if (value === rows * 2 && bits.length === 1) return bits[0] === 1;
  if (value !== Math.ceil(rows / 8) * 2 + 1 || bits.length !== Math.ceil(rows / 8)) {
    throw new Error(`it does not tell which of ${rows} values are missing`);
  }
  return Uint8Array.from({ length: rows }, (_, i) => bits[i >> 3] >> (i & 7) & 1);
}

function isMissing(value: number | string | null): boolean {
  return value === null || Number.isNaN(value);
}

function missingValues(dtype: ColumnType, rows: number): Column["values"] {
  return dtype === "utf8" ? new Array<null>(rows).fill(null) : new Float64Array(rows).fill(NaN);
}

/** The values at the rows where one is, and in between what stands for a missing one. */
function spread(values: Column["values"], present: Uint8Array): Column["values"] {
  let next = 0;
  if (values instanceof Float64Array) {
    const out = new Float64Array(present.length);
    for (let i = 0; i < out.length; i++) out[i] = present[i] ? values[next++] : NaN;
    return out;
  }
  return Array.from(present, (isThere) => isThere ? values[next++] as string : null);
}

interface PageHeader {
  readonly bodyAt: number;
  readonly bodyBytes: number;
  readonly pageBytes: number;
}

/** Strict: no other writer's pages need to be read here. */
function readHeader(bytes: Uint8Array, rows: number): PageHeader {
  let at = 0;
  const expect = (byte: number) => {
    if (bytes[at++] !== byte) throw new Error("it is no page as this program writes them");
  };
  const number = () => {
    expect(NEXT_I32);
    const { value, next } = readVarint(bytes, at);
    at = next;
    return value / 2;
  };
  const type = number(), pageBytes = number(), bodyBytes = number();
  expect(STRUCT_AFTER_NEXT);
  const [values, encoding, definition, repetition] = [number(), number(), number(), number()];
  expect(STOP);
  expect(STOP);
  const isOurs = type === DATA_PAGE && encoding === PLAIN && definition === RLE &&
    repetition === RLE;
  if (!isOurs || at + bodyBytes > bytes.length) {
    throw new Error("it is no page as this program writes them, or is cut short");
  }
  if (values !== rows) throw new Error(`a page of ${rows} rows was expected; found ${values}`);
  return { bodyAt: at, bodyBytes, pageBytes };
}
