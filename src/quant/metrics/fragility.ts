import { mean, sampleSkew } from "./moments.ts";
import { quantile, sortedCopy, tailMeans } from "./tail_risk.ts";

/** The bars that count as stress: the worst tenth of the benchmark. */
const STRESS_SHARE = 0.1;

/** How much more the right tail holds than the left: skew + ln(mean of the best 5 % / |mean of the
 * worst 5 %|).
 * @param returns T simple returns
 * @returns NaN where the skew is, or when the best 5 % are no gain or the worst 5 % no loss
 * Source: after Taleb and Douady (2013), "Mathematical Definition, Mapping, and Detection of
 * (Anti)Fragility". */
export function antifragility(returns: Float64Array): number {
  const { left, right } = tailMeans(sortedCopy(returns));
  if (!(left < 0 && right > 0)) return NaN;
  return sampleSkew(returns) + Math.log(right / -left);
}

/** Mean return above the benchmark, per bar, on the benchmark's worst bars: those at or below its
 * 10 % quantile.
 * @param returns T simple returns
 * @param benchmark T simple returns of the benchmark, same bars
 * @returns NaN for no returns
 * @throws {RangeError} if the lengths differ */
export function stressAlpha(returns: Float64Array, benchmark: Float64Array): number {
  if (returns.length !== benchmark.length) {
    throw new RangeError(
      `Cannot compute stress alpha: ${returns.length} returns, ${benchmark.length} of the benchmark`,
    );
  }
  const threshold = quantile(sortedCopy(benchmark), STRESS_SHARE);
  const active: number[] = [];
  benchmark.forEach((value, t) => {
    if (value <= threshold) active.push(returns[t] - value);
  });
  return mean(Float64Array.from(active));
}
