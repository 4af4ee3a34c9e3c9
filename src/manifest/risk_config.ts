import { z } from "zod";
import { list, number, oneOf, section, whole } from "./schema_fields.ts";

const COVARIANCES = ["ledoit_wolf", "sample", "oas", "ewma", "denoised"] as const;
const MEANS = ["sample", "ewma", "bayes_stein", "capm"] as const;

/** Section `risk`: how moments are estimated, how assets are clustered, and what limits weights. */
export interface RiskConfig {
  /** How covariances are estimated. Default ledoit_wolf. */
  readonly covariance: typeof COVARIANCES[number];
  /** How mean returns are estimated. Default sample. */
  readonly means: typeof MEANS[number];
  /** Rows after which a return counts half, for the estimators `ewma`. Default 40. */
  readonly half_life: number;
  /** Greatest weight of a cluster of assets, 0 to 1. Default 0.25. */
  readonly cluster_cap: number;
  /** Greatest weight of one asset, 0 to 1. Default 0.25, as the cluster's: a cluster may be one asset. */
  readonly max_weight: number;
  /** Least weight of one asset, 0 to 1; lowered to 1/N for N assets. Default 0. */
  readonly min_weight: number;
  /** How far an asset may be sold short, 0 to 1, by the profiles that can: min_variance, mean_variance, max_sharpe,
   * min_cvar and market_neutral. Default 0. */
  readonly max_short: number;
  /** Least and greatest Σw; below 1 the rest is cash. Default 1 and 1. */
  readonly net_min: number;
  readonly net_max: number;
  /** Greatest Σ|w|. Default none. */
  readonly gross_limit?: number;
  /** Greatest number of assets held: the smallest weights are pruned, and the rest is optimised anew. Default none. */
  readonly max_assets?: number;
  /** Rows of returns over which correlations are taken and averaged. Default 60, 120, 200. */
  readonly cluster_lookbacks: readonly number[];
  /** Height at which the tree of assets is cut. Default 0.7. */
  readonly cluster_cut: number;
  /** Default 25. */
  readonly max_clusters: number;
  /** A year, as a fraction. Default 0. */
  readonly risk_free_rate: number;
  /** λ > 0 of μᵀw − ½λ·wᵀΣw, which mean_variance maximises. Default 1. */
  readonly risk_aversion: number;
  /** γ >= 0 of γ‖w‖², added to the variance by min_variance, mean_variance and market_neutral. Default 0. */
  readonly l2_penalty: number;
  /** Greatest |βᵀw| of market_neutral. Default 0.05. */
  readonly beta_limit: number;
  /** The share of the training rows that is the tail of min_cvar, above 0 and below 1. Default 0.05. */
  readonly tail_share: number;
  /** Largest ½Σ|w − held| of a window after the first, against the weights that have drifted since the window before; the
   * windows of a chain then go one by one. Default none. */
  readonly turnover_limit?: number;
  /** What profiles with a variance pay for each unit of Σ|w − held|, in units of their objective; windows go one by one,
   * too. Default none. */
  readonly turnover_penalty?: number;
}

/** What holds where no layer says otherwise. */
export const RISK_DEFAULTS: RiskConfig = {
  covariance: "ledoit_wolf",
  means: "sample",
  half_life: 40,
  cluster_cap: 0.25,
  max_weight: 0.25,
  min_weight: 0,
  max_short: 0,
  net_min: 1,
  net_max: 1,
  cluster_lookbacks: [60, 120, 200],
  cluster_cut: 0.7,
  max_clusters: 25,
  risk_free_rate: 0,
  risk_aversion: 1,
  l2_penalty: 0,
  beta_limit: 0.05,
  tail_share: 0.05,
};

/** The schema of the section. */
export const RISK_FIELD = z.strictObject({
  covariance: oneOf(COVARIANCES),
  means: oneOf(MEANS),
  half_life: number(0, 1e6, "above"),
  cluster_cap: number(0, 1, "above"),
  max_weight: number(0, 1, "above"),
  min_weight: number(0, 1),
  max_short: number(0, 1),
  net_min: number(-10, 10),
  net_max: number(-10, 10),
  gross_limit: number(0, 100, "above"),
  max_assets: whole(1),
  cluster_lookbacks: list(whole(2), "whole numbers"),
  cluster_cut: number(0, 2),
  max_clusters: whole(1),
  risk_free_rate: number(-1, 1),
  risk_aversion: number(0, 1e6, "above"),
  l2_penalty: number(0, 1e6),
  beta_limit: number(0, 10),
  tail_share: number(0, 0.99, "above"),
  turnover_limit: number(0, 10),
  turnover_penalty: number(0, 1_000),
}, section);

/** What is wrong with keys of the section together.
 * @returns the problem with keys and values, and what to do; undefined when they fit */
export function riskProblem(
  { min_weight, max_weight, max_short, net_min, net_max, gross_limit = Infinity }: RiskConfig,
): { readonly problem: string; readonly hint: string } | undefined {
  if (min_weight > max_weight) {
    return {
      problem: `risk.min_weight ${min_weight} is above risk.max_weight ${max_weight}`,
      hint: "Make min_weight at most max_weight.",
    };
  }
  if (min_weight > 0 && max_short > 0) {
    return {
      problem: `risk.min_weight ${min_weight} and risk.max_short ${max_short} are both set, ` +
        `but what may be sold short has no least weight`,
      hint: "Leave one of them out.",
    };
  }
  if (net_min > net_max) {
    return {
      problem: `risk.net_min ${net_min} is above risk.net_max ${net_max}`,
      hint: "Make net_min at most net_max.",
    };
  }
  if (gross_limit < net_min) {
    return {
      problem: `risk.gross_limit ${gross_limit} is below risk.net_min ${net_min}, ` +
        `and Σ|w| is never less than Σw`,
      hint: "Make gross_limit at least net_min.",
    };
  }
  return undefined;
}
