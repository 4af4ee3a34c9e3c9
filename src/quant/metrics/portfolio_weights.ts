/** Traded share of the portfolio from one set of weights to another: ½Σ|Δw|.
 * @param before N weights as fractions of wealth
 * @param after N weights as fractions of wealth
 * @returns 0 when nothing changes, 1 when a full portfolio is replaced; buying one from cash is 0.5
 * @throws {RangeError} if the lengths differ */
export function turnover(before: Float64Array, after: Float64Array): number {
  if (before.length !== after.length) {
    throw new RangeError(
      `Cannot compute turnover: ${before.length} weights before, ${after.length} after`,
    );
  }
  let traded = 0;
  for (let i = 0; i < before.length; i++) traded += Math.abs(after[i] - before[i]);
  return traded / 2;
}

/** Herfindahl–Hirschman index of the gross exposure: Σ(|w| / Σ|w|)².
 * @param weights N weights, of either sign; for long-only weights that sum to 1 it is Σw²
 * @returns from 1/N (spread evenly) to 1 (one position); NaN when all weights are 0
 * Source: Herfindahl (1950), "Concentration in the U.S. Steel Industry". */
export function hhi(weights: Float64Array): number {
  let gross = 0;
  let squares = 0;
  for (const weight of weights) {
    gross += Math.abs(weight);
    squares += weight * weight;
  }
  return gross === 0 ? NaN : squares / (gross * gross);
}
