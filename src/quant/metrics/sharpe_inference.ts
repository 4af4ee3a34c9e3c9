import { sampleExcessKurtosis, sampleSkew, sampleStd } from "./moments.ts";
import { normalCdf, normalQuantile } from "./normal_distribution.ts";
import { sharpe } from "./risk_adjusted.ts";

const EULER_MASCHERONI = 0.5772156649015329;

/** What the uncertainty of a Sharpe ratio depends on. */
export interface SharpeSample {
  /** Per bar, not annualised. */
  readonly sharpe: number;
  /** Skew of the returns. */
  readonly skew: number;
  /** Kurtosis of the returns, 3 for a normal. */
  readonly kurtosis: number;
  /** T, the number of returns. */
  readonly bars: number;
}

/** Probability that the true Sharpe ratio exceeds a given one:
 * Φ((S − S*) √(T − 1) / √(1 − skew·S + (kurtosis − 1)/4·S²)).
 * @param benchmarkSharpe S*, per bar
 * @returns NaN when the variance under the root is not positive
 * Source: Bailey and López de Prado (2012), "The Sharpe Ratio Efficient Frontier". */
export function probabilityAboveSharpe(sample: SharpeSample, benchmarkSharpe: number): number {
  const { sharpe, skew, kurtosis, bars } = sample;
  const variance = 1 - skew * sharpe + (kurtosis - 1) / 4 * sharpe * sharpe;
  if (!(variance > 0)) return NaN;
  return normalCdf((sharpe - benchmarkSharpe) * Math.sqrt((bars - 1) / variance));
}

/** Sharpe ratio that the best of N trials without any skill is expected to show:
 * std · ((1 − γ) Φ⁻¹(1 − 1/N) + γ Φ⁻¹(1 − 1/(N e))).
 * @param trials N >= 1; with a single one it is 0, as there was no choice
 * @param trialStd standard deviation of the trials' Sharpe ratios
 * @throws {RangeError} if `trials` is not a whole number >= 1
 * Source: Bailey and López de Prado (2014), "The Deflated Sharpe Ratio". */
export function expectedMaxSharpe(trials: number, trialStd: number): number {
  if (!(Number.isInteger(trials) && trials >= 1)) {
    throw new RangeError(
      `Cannot deflate a Sharpe ratio: trials must be a whole number >= 1: current value is ${trials}`,
    );
  }
  if (trials === 1) return 0;
  return trialStd * ((1 - EULER_MASCHERONI) * normalQuantile(1 - 1 / trials) +
    EULER_MASCHERONI * normalQuantile(1 - 1 / (trials * Math.E)));
}

/** Probabilistic Sharpe ratio: {@linkcode probabilityAboveSharpe} of a series, with skew and kurtosis
 * corrected for bias.
 * @param returns T simple returns, or excess returns
 * @param benchmarkSharpe per bar; default 0
 * @returns NaN for fewer than 4 returns or when all are equal */
export function probabilisticSharpe(returns: Float64Array, benchmarkSharpe = 0): number {
  const sample = {
    sharpe: sharpe(returns, 1),
    skew: sampleSkew(returns),
    kurtosis: sampleExcessKurtosis(returns) + 3,
    bars: returns.length,
  };
  return probabilityAboveSharpe(sample, benchmarkSharpe);
}

/** Deflated Sharpe ratio: the probabilistic one against {@linkcode expectedMaxSharpe}, so that the
 * best of many trials is not taken for skill.
 * @param returns T simple returns of the trial that was chosen
 * @param trialSharpes Sharpe ratios per bar of all N trials, the chosen one among them
 * @returns NaN where the probabilistic Sharpe ratio is
 * @throws {RangeError} if there is no trial */
export function deflatedSharpe(returns: Float64Array, trialSharpes: Float64Array): number {
  return probabilisticSharpe(
    returns,
    expectedMaxSharpe(trialSharpes.length, sampleStd(trialSharpes)),
  );
}
