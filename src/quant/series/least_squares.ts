/** What is known of a least-squares fit without its coefficients. */
export interface LeastSquares {
  /** The sum of squared residuals of the fit to the first p columns, for p = 0 … k. */
  readonly residuals: Float64Array;
  /** The t statistic of the last column among all k. */
  readonly lastT: number;
}

/** Fits y to columns in their order by Householder's reflections: accurate where the normal equations are not.
 * @param columns k columns of T values each; overwritten
 * @param y T values; overwritten
 * @returns `lastT` is NaN where the columns depend on each other or T <= k
 * Source: Golub, Van Loan (2013), "Matrix Computations", 5.2.2. */
export function leastSquares(columns: readonly Float64Array[], y: Float64Array): LeastSquares {
  const T = y.length, k = columns.length;
  let lastPivot = NaN;
  columns.forEach((column, p) => {
    const norm = Math.sqrt(tailSquares(column, p));
    if (norm === 0) {
      lastPivot = NaN;
      return;
    }
    // The sign that adds up: the other one would cancel.
    const alpha = column[p] > 0 ? -norm : norm;
    const reflector = column.slice();
    reflector[p] -= alpha;
    const scale = 2 / tailSquares(reflector, p);
    for (const target of [...columns.slice(p), y]) reflect(target, reflector, scale, p);
    lastPivot = alpha;
  });
  const residuals = Float64Array.from({ length: k + 1 }, (_, p) => tailSquares(y, p));
  const deviation = Math.sqrt(residuals[k] / (T - k));
  return { residuals, lastT: T > k ? Math.sign(lastPivot) * y[k - 1] / deviation : NaN };
}

function reflect(target: Float64Array, reflector: Float64Array, scale: number, from: number): void {
  let dot = 0;
  for (let t = from; t < target.length; t++) dot += reflector[t] * target[t];
  for (let t = from; t < target.length; t++) target[t] -= scale * dot * reflector[t];
}

function tailSquares(values: Float64Array, from: number): number {
  let sum = 0;
  for (let t = from; t < values.length; t++) sum += values[t] * values[t];
  return sum;
}
