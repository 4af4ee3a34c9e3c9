import { mean, sampleStd } from "./moments.ts";

/** Returns above the risk-free rate of a bar, which compounds to the annual one:
 * r − ((1 + riskFreeRate)^(1 / periodsPerYear) − 1).
 * @param riskFreeRate annual, as a fraction (0.02 is 2 %) */
export function excessReturns(
  returns: Float64Array,
  periodsPerYear: number,
  riskFreeRate: number,
): Float64Array {
  if (riskFreeRate === 0) return returns;
  const perBar = (1 + riskFreeRate) ** (1 / periodsPerYear) - 1;
  return returns.map((simpleReturn) => simpleReturn - perBar);
}

/** Annualised volatility: std(r, T − 1) · √periodsPerYear.
 * @returns NaN for fewer than 2 returns, 0 when all are equal */
export function annualizedVolatility(returns: Float64Array, periodsPerYear: number): number {
  return sampleStd(returns) * Math.sqrt(periodsPerYear);
}

/** Annualised Sharpe ratio: mean(e) / std(e, T − 1) · √periodsPerYear.
 * @param excess T returns above the risk-free rate, as fractions
 * @param periodsPerYear bars in a year; 1 gives the ratio per bar
 * @returns NaN for fewer than 2 returns or when all are equal
 * Source: Sharpe (1994), "The Sharpe Ratio". */
export function sharpe(excess: Float64Array, periodsPerYear: number): number {
  return ratio(mean(excess), sampleStd(excess)) * Math.sqrt(periodsPerYear);
}

/** Annualised Sortino ratio: mean(e) / √(Σ min(e, 0)² / T) · √periodsPerYear.
 * @param excess T returns above the risk-free rate, as fractions
 * @returns NaN for no returns or without a loss
 * Source: Sortino and Price (1994), "Performance Measurement in a Downside Risk Framework". */
export function sortino(excess: Float64Array, periodsPerYear: number): number {
  let squaredLosses = 0;
  for (const value of excess) squaredLosses += Math.min(value, 0) ** 2;
  const downside = Math.sqrt(squaredLosses / excess.length);
  return ratio(mean(excess), downside) * Math.sqrt(periodsPerYear);
}

/** Calmar ratio: annualised return / |max drawdown|.
 * @param maxDrawdown a fraction <= 0
 * @returns NaN without a drawdown
 * Source: Young (1991), "Calmar Ratio: A Smoother Tool". */
export function calmar(annualizedReturn: number, maxDrawdown: number): number {
  return ratio(annualizedReturn, Math.abs(maxDrawdown));
}

/** Omega ratio at threshold 0: Σ max(e, 0) / Σ max(−e, 0).
 * @param excess T returns above the risk-free rate, as fractions
 * @returns NaN without a loss
 * Source: Keating and Shadwick (2002), "A Universal Performance Measure". */
export function omega(excess: Float64Array): number {
  let gains = 0;
  let losses = 0;
  for (const value of excess) {
    if (value > 0) gains += value;
    else losses -= value;
  }
  return ratio(gains, losses);
}

/** A ratio that does not exist without a denominator: NaN instead of ±Infinity. */
function ratio(numerator: number, denominator: number): number {
  return denominator === 0 ? NaN : numerator / denominator;
}
