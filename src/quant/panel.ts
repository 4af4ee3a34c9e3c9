/** A table of numbers over time: prices or returns, one row a timestamp, one column a symbol. */
export interface Panel {
  /** T timestamps, seconds since the Unix epoch in UTC, strictly rising. */
  readonly timestampsS: Float64Array;
  /** N symbols, each once. */
  readonly symbols: readonly string[];
  /** T × N values, row after row; NaN where there is none. A window is a view: `values.subarray(from * N, to * N)`. */
  readonly values: Float64Array;
}
