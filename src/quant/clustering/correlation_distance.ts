import type { Matrix } from "../matrix.ts";
import { centredColumns, gramMatrix } from "../estimators/centred_columns.ts";
import { assertReturnsWindow, type ReturnsWindow } from "../estimators/returns_window.ts";

/** How far apart assets move: √(½(1 − ρ)), averaged over the last L rows for each lookback L. Lookbacks longer
 * than the window are clipped to T, and those that are then equal count once.
 * An asset without variance in a lookback has ρ = 0 with every other one there: distance √½.
 * @param lookbacks row counts, each at least 2
 * @returns N × N, symmetric, in [0, 1] with a zero diagonal
 * @throws {RangeError} for a window that cannot be estimated from, no lookback, or one that is not an integer >= 2
 * Source: Mantegna (1999), "Hierarchical structure in financial markets", halved into [0, 1] as in
 * López de Prado (2016), "Building diversified portfolios that outperform out of sample". */
export function correlationDistances(
  window: ReturnsWindow,
  lookbacks: readonly number[],
): Matrix {
  assertReturnsWindow(window);
  const { values, T, N } = window;
  const lengths = distinctLookbacks(lookbacks, T);
  const data = new Float64Array(N * N);
  for (const length of lengths) {
    const recent = { values: values.subarray((T - length) * N), T: length, N };
    const gram = gramMatrix(centredColumns(recent), N, length);
    addDistances(data, gram, N, 1 / lengths.length);
  }
  return { rows: N, cols: N, data };
}

/** √(½(1 − ρ)) of the correlations within a covariance, under the convention of {@linkcode correlationDistances}
 * for zero variances.
 * @returns N × N, symmetric, in [0, 1] with a zero diagonal */
export function covarianceDistances(covariance: Matrix): Matrix {
  const N = covariance.rows;
  const data = new Float64Array(N * N);
  addDistances(data, covariance.data, N, 1);
  return { rows: N, cols: N, data };
}

function distinctLookbacks(lookbacks: readonly number[], T: number): number[] {
  const lengths = new Set<number>();
  for (const lookback of lookbacks) {
    if (!Number.isInteger(lookback) || lookback < 2) {
      throw new RangeError(
        `Cannot correlate over a lookback that is no integer >= 2: it is ${lookback}`,
      );
    }
    lengths.add(Math.min(lookback, T));
  }
  if (lengths.size === 0) throw new RangeError("Cannot correlate without a lookback: 0 were given");
  return [...lengths];
}

function addDistances(
  sum: Float64Array,
  products: Float64Array,
  N: number,
  weight: number,
): void {
  const deviations = new Float64Array(N);
  for (let i = 0; i < N; i++) deviations[i] = Math.sqrt(products[i * N + i]);
  for (let i = 0; i < N; i++) {
    for (let j = i + 1; j < N; j++) {
      const scale = deviations[i] * deviations[j];
      const rho = scale > 0 ? Math.max(-1, Math.min(1, products[i * N + j] / scale)) : 0;
      const distance = weight * Math.sqrt(0.5 * (1 - rho));
      sum[i * N + j] += distance;
      sum[j * N + i] += distance;
    }
  }
}
