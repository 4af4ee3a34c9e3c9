import { ledoitWolf } from "../estimators/ledoit_wolf.ts";
import { meanReturns } from "../estimators/mean_returns.ts";
import type { ReturnsWindow } from "../estimators/returns_window.ts";
import type { Matrix } from "../matrix.ts";

/** What the engines know of a window's returns. */
export interface WindowMoments {
  /** N mean returns, annualised, as fractions. */
  readonly mu: Float64Array;
  /** N × N, annualised, shrunk (Ledoit–Wolf). */
  readonly covariance: Matrix;
}

/** Estimates the annualised moments of a window: mean × A, and Ledoit–Wolf covariance × A.
 * @param periodsPerYear A: 252 for US equities, 365 for crypto, or bars per year; no default
 * @throws {RangeError} for a window that cannot be estimated from, or A that is not finite and positive */
export function windowMoments(window: ReturnsWindow, periodsPerYear: number): WindowMoments {
  if (!(periodsPerYear > 0 && periodsPerYear < Infinity)) {
    throw new RangeError(`Cannot annualise by ${periodsPerYear} periods a year: it must be > 0`);
  }
  const { covariance } = ledoitWolf(window);
  return {
    mu: meanReturns(window).map((mean) => mean * periodsPerYear),
    covariance: {
      ...covariance,
      data: covariance.data.map((value) => value * periodsPerYear),
    },
  };
}
