import { mean, sampleExcessKurtosis, sampleSkew, sampleStd } from "./moments.ts";
import { normalCdf, normalQuantile } from "./normal_distribution.ts";
import { sharpe } from "./risk_adjusted.ts";

const EULER_MASCHERONI = 0.5772156649015329;

/** Probability that the true Sharpe ratio exceeds a given one, in view of the length, skew and
 * kurtosis of the sample: Φ((S − S*) √(T − 1) / √(1 − skew·S + (kurtosis − 1)/4·S²)).
 * @param returns T simple returns, or excess returns
 * @param benchmarkSharpe S*, per bar, not annualised
 * @returns NaN for fewer than 4 returns, when all are equal, or when the variance in the root is not
 * positive
 * Source: Bailey and López de Prado (2012), "The Sharpe Ratio Efficient Frontier". Skew and kurtosis
 * are corrected for bias. */
export function probabilisticSharpe(returns: Float64Array, benchmarkSharpe = 0): number {
  const observed = sharpe(returns, 1);
  const kurtosis = sampleExcessKurtosis(returns) + 3;
  const spread = 1 - sampleSkew(returns) * observed + (kurtosis - 1) / 4 * observed * observed;
  if (!(spread > 0)) return NaN;
  return normalCdf((observed - benchmarkSharpe) * Math.sqrt((returns.length - 1) / spread));
}

/** Probability that the true Sharpe ratio exceeds what the best of N trials without any skill would
 * show: the probabilistic Sharpe ratio against
 * S₀ = std(trials) · ((1 − γ) Φ⁻¹(1 − 1/N) + γ Φ⁻¹(1 − 1/(N e))).
 * @param returns T simple returns of the trial that was chosen
 * @param trialSharpes Sharpe ratios per bar of all N trials, the chosen one among them; with a single
 * trial S₀ is 0
 * @returns NaN where the probabilistic Sharpe ratio is
 * @throws {RangeError} if there is no trial
 * Source: Bailey and López de Prado (2014), "The Deflated Sharpe Ratio". */
export function deflatedSharpe(returns: Float64Array, trialSharpes: Float64Array): number {
  const trials = trialSharpes.length;
  if (trials === 0) {
    throw new RangeError("Cannot deflate a Sharpe ratio: there must be >= 1 trials, got 0");
  }
  if (trials === 1) return probabilisticSharpe(returns);
  const luck = (1 - EULER_MASCHERONI) * normalQuantile(1 - 1 / trials) +
    EULER_MASCHERONI * normalQuantile(1 - 1 / (trials * Math.E));
  return probabilisticSharpe(returns, sampleStd(trialSharpes) * luck);
}

/** Sharpe ratio of each window of a chain of returns.
 * @param starts indexes at which windows start, rising; a window ends where the next one starts, the
 * last one with the returns
 * @returns one ratio a window; NaN for a window of fewer than 2 returns or of equal ones
 * @throws {RangeError} if starts do not rise within the returns */
export function windowSharpes(
  returns: Float64Array,
  starts: readonly number[],
  periodsPerYear: number,
): Float64Array {
  return Float64Array.from(starts, (start, k) => {
    const end = k + 1 < starts.length ? starts[k + 1] : returns.length;
    if (!(Number.isInteger(start) && start >= 0 && start < end && end <= returns.length)) {
      throw new RangeError(
        `Cannot compute window Sharpe ratios: window ${k} must start within the ` +
          `${returns.length} returns and before ${end}: current value is ${start}`,
      );
    }
    return sharpe(returns.subarray(start, end), periodsPerYear);
  });
}

/** How much the Sharpe ratio depends on the time: std(window Sharpe, T − 1) / |mean|.
 * @param sharpes one ratio a window; NaN ones are left out
 * @returns NaN for fewer than 2 ratios or when their mean is 0 */
export function temporalFragility(sharpes: Float64Array): number {
  const known = sharpes.filter((value) => !Number.isNaN(value));
  const center = Math.abs(mean(known));
  return center === 0 ? NaN : sampleStd(known) / center;
}
