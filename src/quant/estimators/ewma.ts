import { gramMatrix } from "./centred_columns.ts";
import type { Matrix } from "../matrix.ts";
import { assertReturnsWindow, type ReturnsWindow } from "./returns_window.ts";

/** Means with weights that halve every `halfLife` rows back, normalised to sum 1. As skfolio's `EWMu`.
 * @param halfLife rows, > 0
 * @returns N means per period, as fractions; not annualised
 * @throws {RangeError} for a window that cannot be estimated from, or a half-life that is not finite and > 0 */
export function ewmaMeans(window: ReturnsWindow, halfLife: number): Float64Array {
  assertReturnsWindow(window);
  const { values, T, N } = window;
  const weights = decay(T, halfLife);
  const means = new Float64Array(N);
  for (let t = 0; t < T; t++) {
    for (let i = 0; i < N; i++) means[i] += weights[t] * values[t * N + i];
  }
  return means;
}

/** Second moments with weights that halve every `halfLife` rows back, normalised to sum 1. The mean is taken as zero,
 * as RiskMetrics has it, since that of a few effective rows is noise. As skfolio's `EWCovariance`, centred.
 * @param halfLife rows, > 0; RiskMetrics' decay of 0.94 a day is a half-life of 11.2
 * @returns N × N per period, not annualised; positive semidefinite, singular when N > T
 * @throws {RangeError} for a window that cannot be estimated from, or a half-life that is not finite and > 0
 * Source: J.P. Morgan, Reuters (1996), "RiskMetrics technical document", section 5.2. */
export function ewmaCovariance(window: ReturnsWindow, halfLife: number): Matrix {
  assertReturnsWindow(window);
  const { values, T, N } = window;
  const roots = decay(T, halfLife).map(Math.sqrt);
  const columns = new Float64Array(N * T);
  for (let i = 0; i < N; i++) {
    for (let t = 0; t < T; t++) columns[i * T + t] = roots[t] * values[t * N + i];
  }
  return { rows: N, cols: N, data: gramMatrix(columns, N, T) };
}

function decay(T: number, halfLife: number): Float64Array {
  if (!(halfLife > 0 && halfLife < Infinity)) {
    throw new RangeError(`Cannot halve weights every ${halfLife} rows: the half-life must be > 0`);
  }
  const weights = Float64Array.from({ length: T }, (_, t) => 2 ** ((t + 1 - T) / halfLife));
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  return weights.map((weight) => weight / total);
}
