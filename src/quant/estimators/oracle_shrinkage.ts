import { centredColumns, gramMatrix } from "./centred_columns.ts";
import type { ShrunkCovariance } from "./ledoit_wolf.ts";
import { assertReturnsWindow, type ReturnsWindow } from "./returns_window.ts";

/** The oracle approximating shrinkage (OAS): (1 − ρ)·S + ρ·m·I with S of divisor T, m the mean of its diagonal and
 * ρ the fixed point for normal returns. As `sklearn.covariance.oas`.
 * @returns positive definite for N >= T too, unless every column is constant (then it is zero)
 * @throws {RangeError} for a window that cannot be estimated from (see {@linkcode ReturnsWindow})
 * Source: Chen, Wiesel, Eldar, Hero (2010), "Shrinkage algorithms for MMSE covariance estimation", equation 23, with
 * the terms in 2/N left out of numerator and denominator as in scikit-learn. */
export function oracleShrinkage(window: ReturnsWindow): ShrunkCovariance {
  assertReturnsWindow(window);
  const { T, N } = window;
  const data = gramMatrix(centredColumns(window), N, T);
  let meanSquare = 0, meanVariance = 0;
  for (let k = 0; k < data.length; k++) {
    data[k] /= T;
    meanSquare += data[k] * data[k] / data.length;
  }
  for (let i = 0; i < N; i++) meanVariance += data[i * N + i] / N;
  const target = meanVariance * meanVariance;
  const distance = (T + 1) * (meanSquare - target / N);
  const shrinkage = N === 1 ? 0 : distance > 0 ? Math.min(1, (meanSquare + target) / distance) : 1;
  for (let i = 0; i < N; i++) {
    for (let j = 0; j < N; j++) data[i * N + j] *= 1 - shrinkage;
    data[i * N + i] += shrinkage * meanVariance;
  }
  return { covariance: { rows: N, cols: N, data }, shrinkage };
}
