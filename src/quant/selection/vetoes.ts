import type { AssetFeatures } from "./asset_features.ts";
import type { SelectionCandidate } from "./selection.ts";

/** Why an asset is kept out. */
export type VetoRule =
  | "standstill"
  | "execution"
  | "kurtosis"
  | "volatility"
  | "entropy"
  | "efficiency"
  | "hurst"
  | "friction";

/** One limit that an asset is beyond. */
export interface Veto {
  readonly rule: VetoRule;
  /** Such an asset is not taken at any step of the ladder. */
  readonly isHard: boolean;
  /** The value and the limit in words, for instance `kurtosis 23.10 is above 20`. */
  readonly detail: string;
}

/** By how much the limits of entropy and efficiency are multiplied. */
export interface Relaxation {
  readonly entropy: number;
  readonly efficiency: number;
}

/** The limits as they are. */
export const STRICT: Relaxation = { entropy: 1, efficiency: 1 };

/** The limits of the ladder's second step. */
export const RELAXED: Relaxation = { entropy: 1.2, efficiency: 0.8 };

const MAX_ENTROPY = 0.95;
const MIN_EFFICIENCY = 0.05;
const MAX_KURTOSIS = 20;
const MAX_VOLATILITY = 2.5;
const RANDOM_WALK = { from: 0.48, to: 0.52 };

/** The limits that an asset is beyond, the hard ones first.
 *
 * Of 120 returns even noise does not reach an entropy of 0.95 (see {@linkcode permutationEntropy}): with the usual
 * lookback that limit keeps nobody out, from about 250 on it does.
 * @param features in the direction in which the asset would be held */
export function vetoesOf(
  features: AssetFeatures,
  { annualFriction, hasExecution }: SelectionCandidate,
  relaxation: Relaxation,
): Veto[] {
  const vetoes: Veto[] = [];
  const veto = (rule: VetoRule, isHard: boolean, detail: string) =>
    vetoes.push({ rule, isHard, detail });
  const { entropy, efficiency, hurst, kurtosis, volatility, momentum } = features;
  if (Number.isNaN(volatility)) {
    veto("standstill", true, "all of its returns are equal");
    return vetoes;
  }
  if (hasExecution === false) veto("execution", true, "its lot size, tick and fees are not known");
  if (kurtosis > MAX_KURTOSIS) {
    veto("kurtosis", true, `kurtosis ${kurtosis.toFixed(2)} is above ${MAX_KURTOSIS}`);
  }
  if (volatility > MAX_VOLATILITY) {
    veto("volatility", true, `annual volatility ${percent(volatility)} is above 250.0 %`);
  }
  const maxEntropy = MAX_ENTROPY * relaxation.entropy;
  if (entropy > maxEntropy) {
    veto("entropy", false, `entropy ${entropy.toFixed(3)} is above ${maxEntropy.toFixed(3)}`);
  }
  const minEfficiency = MIN_EFFICIENCY * relaxation.efficiency;
  if (efficiency < minEfficiency) {
    const detail = `efficiency ${efficiency.toFixed(3)} is below ${minEfficiency.toFixed(3)}`;
    veto("efficiency", false, detail);
  }
  if (hurst >= RANDOM_WALK.from && hurst <= RANDOM_WALK.to) {
    veto("hurst", false, `Hurst exponent ${hurst.toFixed(3)} is that of a random walk`);
  }
  if (annualFriction !== undefined && annualFriction >= Math.abs(momentum)) {
    veto(
      "friction",
      false,
      `trading costs ${percent(annualFriction)} a year, it moves ${percent(Math.abs(momentum))}`,
    );
  }
  return vetoes;
}

function percent(fraction: number): string {
  return `${(fraction * 100).toFixed(1)} %`;
}
