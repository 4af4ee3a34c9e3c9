/** What the notebook's cells have workers run. @module */

/** The mean of the simple returns of a series of closes. */
export function meanReturn(closes: readonly number[]): number {
  const returns = closes.slice(1).map((close, i) => close / closes[i] - 1);
  return returns.reduce((sum, r) => sum + r, 0) / returns.length;
}
