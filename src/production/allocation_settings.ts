import type { RiskConfig } from "../manifest/risk_config.ts";
import type { AllocationSettings } from "../quant/engines/allocation_settings.ts";

/** What section `risk` says to the engines.
 * @param periodsPerYear of the returns, by their calendar */
export function allocationSettings(
  { risk }: { readonly risk: RiskConfig },
  periodsPerYear: number,
): AllocationSettings {
  const { net_min: lower, net_max: upper } = risk;
  return {
    periodsPerYear,
    estimators: { covariance: risk.covariance, means: risk.means, halfLife: risk.half_life },
    clusterCap: risk.cluster_cap,
    maxWeight: risk.max_weight,
    minWeight: risk.min_weight,
    maxShort: risk.max_short,
    riskFreeRate: risk.risk_free_rate,
    riskAversion: risk.risk_aversion,
    l2Penalty: risk.l2_penalty,
    betaLimit: risk.beta_limit,
    tailShare: risk.tail_share,
    // What is left out of settings is not in the keys of the cache either.
    ...lower === 1 && upper === 1 ? {} : { net: { lower, upper } },
    ...risk.gross_limit === undefined ? {} : { grossLimit: risk.gross_limit },
    ...risk.max_assets === undefined ? {} : { maxAssets: risk.max_assets },
    ...risk.turnover_limit === undefined ? {} : { turnoverLimit: risk.turnover_limit },
    ...risk.turnover_penalty === undefined ? {} : { costRate: risk.turnover_penalty },
  };
}
