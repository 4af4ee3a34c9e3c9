import type { Matrix } from "../matrix.ts";
import { centredColumns, gramMatrix } from "./centred_columns.ts";
import { assertReturnsWindow, type ReturnsWindow } from "./returns_window.ts";

/** The unbiased sample covariance (divisor T − 1).
 * @returns N × N per period, not annualised; singular when N >= T
 * @throws {RangeError} for a window that cannot be estimated from (see {@linkcode ReturnsWindow}) */
export function sampleCovariance(window: ReturnsWindow): Matrix {
  assertReturnsWindow(window);
  const { T, N } = window;
  const data = gramMatrix(centredColumns(window), N, T);
  for (let k = 0; k < data.length; k++) data[k] /= T - 1;
  return { rows: N, cols: N, data };
}
