import type { AssetClusters } from "../clustering/cluster_assets.ts";
import type { Allocation } from "../optimizers/allocation.ts";
import { optimizePortfolio } from "../optimizers/optimize_portfolio.ts";
import type { ProfileName } from "../optimizers/profiles.ts";
import type { QpSolver } from "../optimizers/qp_solver.ts";
import type { AllocationSettings } from "./allocation_settings.ts";
import type { WindowMoments } from "./window_moments.ts";

/** The flat engine: the profile across all N assets, each up to max(maxWeight, 1/N), with each of k asset clusters
 * as a group of at most max(clusterCap, 1/k). */
export function allocateFlat(
  { mu, covariance }: WindowMoments,
  clusters: AssetClusters,
  profile: ProfileName,
  settings: AllocationSettings,
  solver: QpSolver,
): Allocation {
  const N = mu.length;
  const clusterCap = Math.max(settings.clusterCap, 1 / clusters.count);
  return optimizePortfolio(
    {
      mu,
      covariance,
      lower: new Float64Array(N),
      upper: new Float64Array(N).fill(Math.max(settings.maxWeight, 1 / N)),
      groups: {
        labels: clusters.labels,
        caps: new Float64Array(clusters.count).fill(clusterCap),
      },
      riskFreeRate: settings.riskFreeRate,
      linkage: clusters.linkage,
    },
    profile,
    solver,
  );
}
