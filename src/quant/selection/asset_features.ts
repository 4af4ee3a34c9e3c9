import { mean, sampleExcessKurtosis, sampleSkew, sampleStd } from "../metrics/moments.ts";
import { historicCvar95, sortedCopy } from "../metrics/tail_risk.ts";
import { efficiency } from "../series/efficiency.ts";
import { hurstExponent } from "../series/hurst_exponent.ts";
import { permutationEntropy } from "../series/permutation_entropy.ts";

const ENTROPY_ORDER = 5;

/** What of an asset goes into its score. */
export type ScoredFeature =
  | "momentum"
  | "stability"
  | "entropy"
  | "efficiency"
  | "hurstClean"
  | "skew"
  | "kurtosis"
  | "cvar"
  | "liquidity";

/** What is measured of one asset. NaN where it cannot be. */
export interface AssetFeatures extends Readonly<Record<ScoredFeature, number>> {
  /** Mean return × periods per year. */
  readonly momentum: number;
  /** 1 / (standard deviation · √periods per year). */
  readonly stability: number;
  /** Permutation entropy of order 5 over ln(5!), 0 to 1. */
  readonly entropy: number;
  /** |Σ r| / Σ|r|. */
  readonly efficiency: number;
  /** Of the log wealth, see {@linkcode hurstExponent}. */
  readonly hurst: number;
  /** 1 − 2|H − 0.5|: 1 for a random walk, less for one with memory. */
  readonly hurstClean: number;
  /** |skewness|, corrected for bias. */
  readonly skew: number;
  /** Excess kurtosis, corrected for bias. */
  readonly kurtosis: number;
  /** Mean of the worst 5 % of returns, negative for a loss. */
  readonly cvar: number;
  /** min(1, daily value / liquid value); NaN where volumes are not known. */
  readonly liquidity: number;
  /** Standard deviation · √periods per year. */
  readonly volatility: number;
}

/** Measures an asset.
 * @param returns its T simple returns, those of a short with their sign turned
 * @param liquidity 0 to 1, or NaN
 * @returns NaN for all but the liquidity when the returns are all equal: such an asset cannot be judged */
export function assetFeatures(
  returns: Float64Array,
  periodsPerYear: number,
  liquidity: number,
): AssetFeatures {
  const volatility = sampleStd(returns) * Math.sqrt(periodsPerYear);
  const isMoving = volatility > 0;
  const measure = (value: () => number) => isMoving ? value() : NaN;
  const hurst = measure(() => hurstExponent(returns));
  return {
    momentum: measure(() => mean(returns) * periodsPerYear),
    stability: measure(() => 1 / volatility),
    entropy: measure(() => permutationEntropy(returns, ENTROPY_ORDER)),
    efficiency: measure(() => efficiency(returns)),
    hurst,
    hurstClean: 1 - 2 * Math.abs(hurst - 0.5),
    skew: measure(() => Math.abs(sampleSkew(returns))),
    kurtosis: measure(() => sampleExcessKurtosis(returns)),
    cvar: measure(() => historicCvar95(sortedCopy(returns))),
    liquidity,
    volatility: measure(() => volatility),
  };
}
