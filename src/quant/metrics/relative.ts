import { annualizedReturn } from "./growth.ts";
import { mean, sampleStd } from "./moments.ts";

/** How returns hang together with those of a benchmark. */
export interface MarketFit {
  /** Annualised: (mean(e) − beta · mean(b)) · periodsPerYear. */
  readonly alpha: number;
  /** cov(e, b) / var(b). */
  readonly beta: number;
}

/** Regression of excess returns on the benchmark's.
 * @param excess T returns above the risk-free rate
 * @param benchmarkExcess T returns of the benchmark above the risk-free rate, same bars
 * @returns NaN for both with fewer than 2 bars or a benchmark that does not move
 * Source: Jensen (1968), "The Performance of Mutual Funds in the Period 1945–1964". */
export function marketFit(
  excess: Float64Array,
  benchmarkExcess: Float64Array,
  periodsPerYear: number,
): MarketFit {
  if (excess.length < 2 || sampleStd(benchmarkExcess) === 0) return { alpha: NaN, beta: NaN };
  const meanExcess = mean(excess);
  const meanBenchmark = mean(benchmarkExcess);
  let covariance = 0;
  let variance = 0;
  for (let t = 0; t < excess.length; t++) {
    const centered = benchmarkExcess[t] - meanBenchmark;
    covariance += centered * (excess[t] - meanExcess);
    variance += centered * centered;
  }
  const beta = covariance / variance;
  return { alpha: (meanExcess - beta * meanBenchmark) * periodsPerYear, beta };
}

/** Returns above those of the benchmark, bar by bar. */
export function activeReturns(returns: Float64Array, benchmark: Float64Array): Float64Array {
  return returns.map((simpleReturn, t) => simpleReturn - benchmark[t]);
}

/** Information ratio per bar, not annualised: mean(a) / std(a, T − 1).
 * @param active T returns above those of the benchmark
 * @returns NaN for fewer than 2 bars or when all are equal */
export function informationRatio(active: Float64Array): number {
  const deviation = sampleStd(active);
  return deviation === 0 ? NaN : mean(active) / deviation;
}

/** Annualised tracking error: std(a, T − 1) · √periodsPerYear.
 * @param active T returns above those of the benchmark
 * @returns NaN for fewer than 2 bars */
export function trackingError(active: Float64Array, periodsPerYear: number): number {
  return sampleStd(active) * Math.sqrt(periodsPerYear);
}

/** Annualised return over that of the benchmark, on the bars on which the benchmark rose ("up") or
 * fell ("down").
 * @returns NaN without such bars */
export function capture(
  returns: Float64Array,
  benchmark: Float64Array,
  side: "up" | "down",
  periodsPerYear: number,
): number {
  const isOnSide = (_: number, t: number) => side === "up" ? benchmark[t] > 0 : benchmark[t] < 0;
  return annualizedReturn(returns.filter(isOnSide), periodsPerYear) /
    annualizedReturn(benchmark.filter(isOnSide), periodsPerYear);
}
