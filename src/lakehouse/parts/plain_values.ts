import type { Column, ColumnType } from "../columns.ts";
import { SECONDS_PER_DAY, toDays, toWhole } from "../parquet/parquet_integers.ts";

/** Milliseconds of a stored time that make a second. */
const MS_PER_SECOND = 1000;
const TWO_TO_32 = 2 ** 32;
const LENGTH_BYTES = 4;
const ENCODER = new TextEncoder();
const DECODER = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** Bytes of a stored value; undefined for text, whose values have a length each. */
const VALUE_BYTES: Readonly<Record<ColumnType, number | undefined>> = {
  f64: 8,
  i64: 8,
  timestamp: 8,
  date: 4,
  utf8: undefined,
};

/** The values of a column that are not missing, as Parquet's encoding PLAIN has them.
 * @param missing how many are missing
 * @throws {TypeError} when a column of whole numbers or of times holds something else, or nothing
 * Source: Apache Parquet, "Encodings". */
export function encodePlain(
  { name, dtype, values }: Column,
  missing: number,
): Uint8Array<ArrayBuffer> {
  switch (dtype) {
    case "f64":
      return bytesOf(
        missing === 0 ? Float64Array.from(values) : values.filter((x) => !Number.isNaN(x)),
      );
    case "i64":
      return encodeLongs(toWhole(name, values, 1));
    case "timestamp":
      return encodeLongs(toWhole(name, values, MS_PER_SECOND));
    case "date":
      return bytesOf(toDays(name, values));
    case "utf8":
      return encodeTexts(values);
  }
}

/** One value, as {@linkcode encodePlain} has it. */
export function encodePlainNumber(
  value: number,
  dtype: Exclude<ColumnType, "utf8">,
): Uint8Array<ArrayBuffer> {
  return encodePlain({ name: "", dtype, values: Float64Array.of(value) }, 0);
}

/** Reads `count` values of what {@linkcode encodePlain} wrote.
 * @throws {Error} when the bytes are not those of so many values */
export function decodePlain(bytes: Uint8Array, dtype: ColumnType, count: number): Column["values"] {
  if (dtype === "utf8") return decodeTexts(bytes, count);
  const expected = count * VALUE_BYTES[dtype]!;
  if (bytes.length !== expected) {
    throw new Error(`${count} values of ${expected} bytes were expected; found ${bytes.length}`);
  }
  // A copy: values must lie at multiples of their size.
  const { buffer } = bytes.slice();
  switch (dtype) {
    case "f64":
      return new Float64Array(buffer);
    case "i64":
      return decodeLongs(buffer, 1);
    case "timestamp":
      return decodeLongs(buffer, MS_PER_SECOND);
    case "date":
      return Float64Array.from(new Int32Array(buffer), (days) => days * SECONDS_PER_DAY);
  }
}

function bytesOf(values: Float64Array<ArrayBuffer> | Int32Array<ArrayBuffer>) {
  return new Uint8Array(values.buffer);
}

/** By halves: the numbers have 53 bits at most, and BigInt takes many times as long. */
function encodeLongs(values: Float64Array): Uint8Array<ArrayBuffer> {
  const halves = new Int32Array(2 * values.length);
  for (let i = 0; i < values.length; i++) {
    const high = Math.floor(values[i] / TWO_TO_32);
    halves[2 * i] = values[i] - high * TWO_TO_32 | 0;
    halves[2 * i + 1] = high;
  }
  return bytesOf(halves);
}

function decodeLongs(buffer: ArrayBuffer, divisor: number): Float64Array {
  const halves = new Int32Array(buffer);
  const values = new Float64Array(halves.length / 2);
  for (let i = 0; i < values.length; i++) {
    values[i] = (halves[2 * i + 1] * TWO_TO_32 + (halves[2 * i] >>> 0)) / divisor;
  }
  return values;
}

function encodeTexts(values: readonly (string | null)[]): Uint8Array<ArrayBuffer> {
  const texts = values.flatMap((value) => value === null ? [] : [ENCODER.encode(value)]);
  const out = new Uint8Array(texts.reduce((sum, { length }) => sum + LENGTH_BYTES + length, 0));
  const view = new DataView(out.buffer);
  let at = 0;
  for (const text of texts) {
    view.setUint32(at, text.length, true);
    out.set(text, at + LENGTH_BYTES);
    at += LENGTH_BYTES + text.length;
  }
  return out;
}

function decodeTexts(bytes: Uint8Array, count: number): string[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const values: string[] = [];
  let at = 0;
  while (values.length < count && at + LENGTH_BYTES <= bytes.length) {
    const end = at + LENGTH_BYTES + view.getUint32(at, true);
    if (end > bytes.length) break;
    values.push(DECODER.decode(bytes.subarray(at + LENGTH_BYTES, end)));
    at = end;
  }
  if (values.length === count && at === bytes.length) return values;
  throw new Error(`${count} texts were expected; found ${values.length} in ${at} bytes`);
}
