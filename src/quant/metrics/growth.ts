/** Compounded return over all bars: Π(1 + r) − 1.
 * @param returns T simple returns as fractions
 * @returns NaN for no returns; below −1 when a loss went past all wealth */
export function totalReturn(returns: Float64Array): number {
  if (returns.length === 0) return NaN;
  let wealth = 1;
  for (const simpleReturn of returns) wealth *= 1 + simpleReturn;
  return wealth - 1;
}

/** Compound annual growth: (1 + R)^(periodsPerYear / T) − 1, R the total return. Less than a year is
 * extrapolated.
 * @param returns T simple returns as fractions
 * @param periodsPerYear bars in a year; no default
 * @returns −1 when all was lost; NaN for no returns, or when more than all was lost */
export function annualizedReturn(returns: Float64Array, periodsPerYear: number): number {
  const wealth = 1 + totalReturn(returns);
  return wealth < 0 ? NaN : wealth ** (periodsPerYear / returns.length) - 1;
}
