import { marketBetas } from "../estimators/capm_means.ts";
import type { AllocationProblem } from "../optimizers/allocation_problem.ts";
import type { AllocationRequest } from "./allocate_window.ts";
import { barbellTerms } from "./barbell_terms.ts";
import type { WindowMoments } from "./window_moments.ts";

/** The problem of a window across its N assets, each up to max(maxWeight, 1/N), with each of k asset clusters as a
 * group of at most max(clusterCap, 1/k). */
export function windowProblem(
  { mu, covariance, returns }: WindowMoments,
  { clusters, profile, settings, market, marketReturns, held, regime = "NORMAL", quadrant }:
    AllocationRequest,
): AllocationProblem {
  const N = mu.length;
  const { minWeight = 0, maxShort = 0, costRate = 0, turnoverLimit = Infinity } = settings;
  const clusterCap = Math.max(settings.clusterCap, 1 / clusters.count);
  return {
    mu,
    covariance,
    lower: new Float64Array(N).fill(maxShort > 0 ? -maxShort : Math.min(minWeight, 1 / N)),
    upper: new Float64Array(N).fill(Math.max(settings.maxWeight, 1 / N)),
    groups: {
      labels: clusters.labels,
      caps: new Float64Array(clusters.count).fill(clusterCap),
    },
    riskFreeRate: settings.riskFreeRate,
    net: settings.net,
    grossLimit: settings.grossLimit,
    trading: held && { held, costRate, turnoverLimit },
    maxAssets: settings.maxAssets,
    l2Penalty: settings.l2Penalty,
    riskAversion: settings.riskAversion,
    betas: profile === "market_neutral" && returns
      ? marketBetas(returns, marketReturns)
      : undefined,
    betaLimit: settings.betaLimit,
    scenarios: profile === "min_cvar" ? returns : undefined,
    tailShare: settings.tailShare,
    market,
    barbell: (profile === "barbell" || profile === "adaptive") && returns
      ? barbellTerms(returns, covariance, clusters, regime)
      : undefined,
    quadrant,
    linkage: clusters.linkage,
  };
}
