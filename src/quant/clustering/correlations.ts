import { sampleCovariance } from "../estimators/sample_covariance.ts";
import type { ReturnsWindow } from "../estimators/returns_window.ts";
import type { Matrix } from "../matrix.ts";

/** Pearson correlations of all pairs of assets over a window.
 * @returns N × N, symmetric, in [−1, 1] with a diagonal of 1; 0 beside an asset without variance
 * @throws {RangeError} for a window that cannot be estimated from (see {@linkcode ReturnsWindow}) */
export function correlations(window: ReturnsWindow): Matrix {
  const { data, rows: N } = sampleCovariance(window);
  const matrix = new Float64Array(N * N);
  for (let i = 0; i < N; i++) {
    for (let j = 0; j < N; j++) {
      const scale = Math.sqrt(data[i * N + i] * data[j * N + j]);
      const rho = scale > 0 ? data[i * N + j] / scale : 0;
      matrix[i * N + j] = i === j ? 1 : Math.max(-1, Math.min(1, rho));
    }
  }
  return { rows: N, cols: N, data: matrix };
}
