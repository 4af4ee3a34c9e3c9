// The tasks of tradewind.ts: each does next to nothing, so that what is measured is the engine.

/** Does nothing. */
export function noop(): null {
  return null;
}

/** The number after `x`. */
export function increment(x: number): number {
  return x + 1;
}

/** The sum of its arguments. */
export function add(...numbers: number[]): number {
  return numbers.reduce((sum, x) => sum + x, 0);
}

/** First byte plus length: shows that the argument arrived. */
export function lengthAndFirst(bytes: Uint8Array): number {
  return bytes.length + bytes[0];
}

/** 10 kB, all `x` modulo 256. */
export function tenKilobytes(x: number): Uint8Array {
  return new Uint8Array(10_000).fill(x);
}

/** The sum of every 1,000th number. */
export function sparseSum(numbers: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < numbers.length; i += 1_000) sum += numbers[i];
  return sum;
}

/** The square of `x`, after a while. */
export async function nap(x: number, ms: number): Promise<number> {
  await new Promise((resolve) => setTimeout(resolve, ms));
  return x * x;
}

/** An actor that counts. */
export class Counter {
  #count = 0;

  add(n: number): number {
    return this.#count += n;
  }
}
