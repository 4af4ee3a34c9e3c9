/** Counts of values by size, kept as they come: adding one costs a short search and two additions. */
export class Histogram {
  /** Upper bounds, ascending; what is above the last one falls into a bucket of its own. */
  readonly bounds: readonly number[];
  /** Values of each bucket alone, one more than there are bounds. */
  readonly counts: Float64Array;
  #sum = 0;
  #count = 0;

  constructor(bounds: readonly number[]) {
    this.bounds = bounds;
    this.counts = new Float64Array(bounds.length + 1);
  }

  /** Sum of all values. */
  get sum(): number {
    return this.#sum;
  }

  /** How many values there were. */
  get count(): number {
    return this.#count;
  }

  /** Adds a value. */
  observe(value: number): void {
    const { bounds } = this;
    let bucket = 0;
    while (bucket < bounds.length && value > bounds[bucket]) bucket++;
    this.counts[bucket]++;
    this.#sum += value;
    this.#count++;
  }
}

/** Bounds in seconds for what takes from under a millisecond to some minutes. */
export const SECONDS_BOUNDS: readonly number[] = [
  0.0005,
  0.001,
  0.0025,
  0.005,
  0.01,
  0.025,
  0.05,
  0.1,
  0.25,
  0.5,
  1,
  2.5,
  5,
  10,
  30,
  60,
  300,
];
