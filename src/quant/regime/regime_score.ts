import { mean, sampleExcessKurtosis, sampleStd } from "../metrics/moments.ts";
import { augmentedDickeyFuller } from "../series/augmented_dickey_fuller.ts";
import { autocorrelation } from "../series/autocorrelation.ts";
import { haarTurbulence } from "../series/haar_turbulence.ts";
import { hurstExponent, logWealth } from "../series/hurst_exponent.ts";
import { permutationEntropy } from "../series/permutation_entropy.ts";

/** How restless a market is, from calm to breakdown. */
export type Regime = "QUIET" | "NORMAL" | "TURBULENT" | "CRISIS";

/** What a regime is read from: each 0 where it cannot be computed. */
export interface RegimeFeatures {
  /** Standard deviation of the last 10 returns over that of all. */
  readonly volatilityRatio: number;
  /** Energy share of the finest Haar detail. */
  readonly turbulence: number;
  /** Autocorrelation of |r| at lag 1: whether large moves come together. */
  readonly absoluteAutocorrelation: number;
  /** Permutation entropy of order 5, 0 to 1. */
  readonly entropy: number;
  /** 2|H − 0.5| of the Hurst exponent. */
  readonly memory: number;
  /** ADF p-value of the log wealth. */
  readonly unitRootPValue: number;
  /** min(1, |excess kurtosis| / 10). */
  readonly tails: number;
}

/** A market's regime with what it was read from. */
export interface RegimeReading {
  readonly regime: Regime;
  /** The weighted sum of the features. */
  readonly score: number;
  readonly features: RegimeFeatures;
}

/** The fewest returns that a regime is read from: those that count as recent. */
export const MIN_REGIME_RETURNS = 10;
const ENTROPY_ORDER = 5;
const KURTOSIS_SCALE = 10;
const CRISIS_FROM = 1.8;
const TURBULENT_FROM = 1.25;
const NORMAL_FROM = 0.7;

/** How much each feature counts. */
const REGIME_WEIGHTS: Readonly<Record<keyof RegimeFeatures, number>> = {
  volatilityRatio: 0.35,
  turbulence: 0.25,
  absoluteAutocorrelation: 0.15,
  entropy: 0.1,
  memory: 0.1,
  unitRootPValue: 0.05,
  tails: 0.15,
};

/** Reads the regime of a market: QUIET below a score of 0.7, NORMAL below 1.25, TURBULENT below 1.8, then CRISIS.
 *
 * The ADF test is of the log wealth: of returns its p-value is 0 whatever the market does. TURBULENT begins half way
 * from QUIET to CRISIS.
 * @param returns T simple returns of the market, oldest first; only they count
 * @throws {RangeError} for fewer than 10 returns, and for one that is not finite and above −1 */
export function readRegime(returns: Float64Array): RegimeReading {
  if (returns.length < MIN_REGIME_RETURNS) {
    throw new RangeError(
      `Cannot read a regime: ${MIN_REGIME_RETURNS} returns are needed, there are ${returns.length}`,
    );
  }
  const bad = returns.findIndex((value) => !(value > -1 && value < Infinity));
  if (bad >= 0) throw new RangeError(`Cannot read a regime: return ${bad} is ${returns[bad]}`);
  const features = regimeFeatures(returns);
  let score = 0;
  for (const [name, weight] of Object.entries(REGIME_WEIGHTS)) {
    score += weight * features[name as keyof RegimeFeatures];
  }
  return { regime: regimeOf(score), score, features };
}

/** The mean return of N assets on each row: the market that a window's regime is read from.
 * @param values T × N simple returns, row after row */
export function marketReturns(values: Float64Array, N: number): Float64Array {
  return Float64Array.from(
    { length: values.length / N },
    (_, t) => mean(values.subarray(t * N, (t + 1) * N)),
  );
}

function regimeFeatures(returns: Float64Array): RegimeFeatures {
  const full = sampleStd(returns);
  return {
    volatilityRatio: full === 0 ? 0 : sampleStd(returns.slice(-MIN_REGIME_RETURNS)) / full,
    turbulence: known(haarTurbulence(returns)),
    absoluteAutocorrelation: known(autocorrelation(returns.map(Math.abs))),
    entropy: known(permutationEntropy(returns, ENTROPY_ORDER)),
    memory: known(2 * Math.abs(hurstExponent(returns) - 0.5)),
    unitRootPValue: known(augmentedDickeyFuller(logWealth(returns)).pValue),
    tails: known(Math.min(1, Math.abs(sampleExcessKurtosis(returns)) / KURTOSIS_SCALE)),
  };
}

function known(value: number): number {
  return Number.isNaN(value) ? 0 : value;
}

function regimeOf(score: number): Regime {
  if (score >= CRISIS_FROM) return "CRISIS";
  if (score >= TURBULENT_FROM) return "TURBULENT";
  return score >= NORMAL_FROM ? "NORMAL" : "QUIET";
}
