import { assertReturnsWindow, type ReturnsWindow } from "./returns_window.ts";

/** The arithmetic mean of each asset's returns.
 * @returns N means per period, as fractions; not annualised
 * @throws {RangeError} for a window that cannot be estimated from (see {@linkcode ReturnsWindow}) */
export function meanReturns(window: ReturnsWindow): Float64Array {
  assertReturnsWindow(window);
  const { values, T, N } = window;
  const means = new Float64Array(N);
  for (let t = 0; t < T; t++) {
    for (let i = 0; i < N; i++) means[i] += values[t * N + i];
  }
  for (let i = 0; i < N; i++) means[i] /= T;
  return means;
}
