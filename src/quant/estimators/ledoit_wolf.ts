import type { Matrix } from "../matrix.ts";
import { centredColumns, gramMatrix } from "./centred_columns.ts";
import { assertReturnsWindow, type ReturnsWindow } from "./returns_window.ts";

/** A covariance shrunk towards (mean variance) × identity, and by how much. */
export interface ShrunkCovariance {
  /** N × N per period, not annualised. */
  readonly covariance: Matrix;
  /** The weight of the target, between 0 (the sample alone) and 1. */
  readonly shrinkage: number;
}

/** The covariance of Ledoit and Wolf: (1 − δ)·S + δ·m·I with S of divisor T, m the mean of its diagonal and
 * δ the share that minimises the expected squared error. As `sklearn.covariance.ledoit_wolf`.
 * @returns positive definite for N >= T too, unless every column is constant (then it is zero)
 * @throws {RangeError} for a window that cannot be estimated from (see {@linkcode ReturnsWindow})
 * Source: Ledoit, Wolf (2004), "A well-conditioned estimator for large-dimensional covariance matrices". */
export function ledoitWolf(window: ReturnsWindow): ShrunkCovariance {
  assertReturnsWindow(window);
  const { T, N } = window;
  const columns = centredColumns(window);
  const data = gramMatrix(columns, N, T);
  for (let k = 0; k < data.length; k++) data[k] /= T;
  let trace = 0;
  for (let i = 0; i < N; i++) trace += data[i * N + i];
  const meanVariance = trace / N;
  const shrinkage = N === 1 ? 0 : optimalShrinkage(columns, data, meanVariance, T, N);
  for (let i = 0; i < N; i++) {
    for (let j = 0; j < N; j++) data[i * N + j] *= 1 - shrinkage;
    data[i * N + i] += shrinkage * meanVariance;
  }
  return { covariance: { rows: N, cols: N, data }, shrinkage };
}

/** β/δ: the estimated squared error of S over its squared distance from the target, at most 1. */
function optimalShrinkage(
  columns: Float64Array,
  sample: Float64Array,
  meanVariance: number,
  T: number,
  N: number,
): number {
  let squaredNorm = 0;
  for (let k = 0; k < sample.length; k++) squaredNorm += sample[k] * sample[k];
  const rowNorms = new Float64Array(T);
  for (let i = 0; i < N; i++) {
    for (let t = 0; t < T; t++) rowNorms[t] += columns[i * T + t] ** 2;
  }
  let fourthMoments = 0;
  for (let t = 0; t < T; t++) fourthMoments += rowNorms[t] * rowNorms[t];
  const distance = squaredNorm - N * meanVariance * meanVariance;
  const error = Math.min((fourthMoments / T - squaredNorm) / T, distance);
  return error > 0 ? error / distance : 0;
}
