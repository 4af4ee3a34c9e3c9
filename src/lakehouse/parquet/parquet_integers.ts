/** In UTC, which has no other days. */
export const SECONDS_PER_DAY = 86_400;

/** Whole numbers as Parquet stores them.
 * @param factor stored units in one of ours, for instance 1000 for seconds as milliseconds
 * @throws {TypeError} naming column and row of what is none */
export function toWhole(name: string, values: Float64Array, factor: number): Float64Array {
  const out = new Float64Array(values.length);
  for (let i = 0; i < values.length; i++) {
    const scaled = Math.round(values[i] * factor);
    if (!Number.isSafeInteger(scaled) || (factor === 1 && scaled !== values[i])) {
      throw new TypeError(
        `Cannot write column "${name}", row ${i + 1}: ${values[i]} is not a whole number`,
      );
    }
    out[i] = scaled;
  }
  return out;
}

/** As {@linkcode toWhole}, for a library that takes integers of 64 bits. */
export function toBigInts(name: string, values: Float64Array, factor: number): BigInt64Array {
  return BigInt64Array.from(toWhole(name, values, factor), BigInt);
}

/** Days since the Unix epoch, of seconds.
 * @throws {TypeError} naming column and row of what is not midnight */
export function toDays(name: string, values: Float64Array): Int32Array<ArrayBuffer> {
  return Int32Array.from(values, (value, i) => {
    const days = value / SECONDS_PER_DAY;
    if (!Number.isInteger(days)) {
      throw new TypeError(
        `Cannot write column "${name}", row ${i + 1}: ${value} s is not midnight`,
      );
    }
    return days;
  });
}
