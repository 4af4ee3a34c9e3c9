import { mean, sampleStd } from "./moments.ts";
import { normalPdf, normalQuantile } from "./normal_distribution.ts";

/** The tail that value at risk speaks of: the worst 5 %. */
const TAIL = 0.05;

/** A copy in rising order, as the historic measures take it; NaN goes last. */
export function sortedCopy(values: Float64Array): Float64Array {
  return values.slice().sort();
}

/** Quantile with linear interpolation between order statistics.
 * @param sorted T values in rising order
 * @param p in [0, 1]
 * @returns NaN for no values
 * Source: Hyndman and Fan (1996), "Sample Quantiles in Statistical Packages", type 7. */
export function quantile(sorted: Float64Array, p: number): number {
  if (sorted.length === 0) return NaN;
  const position = (sorted.length - 1) * p;
  const below = Math.floor(position);
  const above = Math.min(below + 1, sorted.length - 1);
  return sorted[below] + (sorted[above] - sorted[below]) * (position - below);
}

/** Historic value at risk: the 5 % quantile of the returns, negative for a loss.
 * @param sorted T returns as fractions, in rising order */
export function historicVar95(sorted: Float64Array): number {
  return quantile(sorted, TAIL);
}

/** Historic conditional value at risk: the mean of the ⌊0.05(T − 1)⌋ + 1 lowest returns.
 * @param sorted T returns as fractions, in rising order
 * @returns NaN for no returns
 * Source: Rockafellar and Uryasev (2000), "Optimization of Conditional Value-at-Risk". */
export function historicCvar95(sorted: Float64Array): number {
  return mean(sorted.subarray(0, tailCount(sorted.length)));
}

/** Value at risk of a normal with the mean and the standard deviation of the returns.
 * @returns NaN for fewer than 2 returns; the mean when all are equal */
export function gaussianVar95(returns: Float64Array): number {
  return mean(returns) + sampleStd(returns) * normalQuantile(TAIL);
}

/** Conditional value at risk of that normal: mean − std · φ(Φ⁻¹(0.05)) / 0.05.
 * @returns NaN for fewer than 2 returns; the mean when all are equal */
export function gaussianCvar95(returns: Float64Array): number {
  return mean(returns) - sampleStd(returns) * normalPdf(normalQuantile(TAIL)) / TAIL;
}

/** Size of the right tail over that of the left: |95 % quantile| / |5 % quantile|.
 * @param sorted T returns as fractions, in rising order
 * @returns NaN for no returns or when the 5 % quantile is 0 */
export function tailRatio(sorted: Float64Array): number {
  const left = Math.abs(quantile(sorted, TAIL));
  return left === 0 ? NaN : Math.abs(quantile(sorted, 1 - TAIL)) / left;
}

/** Means of the ⌊0.05(T − 1)⌋ + 1 lowest and highest returns.
 * @param sorted T returns as fractions, in rising order
 * @returns NaN twice for no returns */
export function tailMeans(sorted: Float64Array): { readonly left: number; readonly right: number } {
  const count = tailCount(sorted.length);
  return {
    left: mean(sorted.subarray(0, count)),
    right: mean(sorted.subarray(sorted.length - count)),
  };
}

function tailCount(bars: number): number {
  return bars === 0 ? 0 : Math.floor((bars - 1) * TAIL) + 1;
}
