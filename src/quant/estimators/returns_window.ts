/** The returns that a model is fitted to: T rows of N assets, row after row. */
export interface ReturnsWindow {
  /** T × N simple returns per period, as fractions; a view into a longer panel will do. */
  readonly values: Float64Array;
  /** Rows: periods, oldest first. */
  readonly T: number;
  /** Columns: assets. */
  readonly N: number;
}

/** Returns silently when the window can be estimated from.
 * @throws {RangeError} if N < 1, T < 2, the length is not T × N, or a value is NaN or infinite */
export function assertReturnsWindow({ values, T, N }: ReturnsWindow): void {
  if (!Number.isInteger(N) || N < 1) {
    throw new RangeError(`Cannot estimate from a window without assets: N is ${N}`);
  }
  if (!Number.isInteger(T) || T < 2) {
    throw new RangeError(`Cannot estimate from a window with fewer than 2 rows: T is ${T}`);
  }
  if (values.length !== T * N) {
    throw new RangeError(
      `Cannot read a window of ${T} × ${N} from ${values.length} values: ${T * N} are needed`,
    );
  }
  for (let k = 0; k < values.length; k++) {
    if (!Number.isFinite(values[k])) {
      throw new RangeError(
        `Cannot estimate from row ${Math.floor(k / N)}, asset ${k % N}: its return is ${values[k]}`,
      );
    }
  }
}
