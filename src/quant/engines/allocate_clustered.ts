import type { AssetClusters } from "../clustering/cluster_assets.ts";
import type { Matrix } from "../matrix.ts";
import type { Allocation } from "../optimizers/allocation.ts";
import { inverseVarianceMix } from "../optimizers/inverse_variance.ts";
import { optimizePortfolio } from "../optimizers/optimize_portfolio.ts";
import type { ProfileName } from "../optimizers/profiles.ts";
import type { QpSolver } from "../optimizers/qp_solver.ts";
import type { AllocationSettings } from "./allocation_settings.ts";
import type { WindowMoments } from "./window_moments.ts";

/** The clustered engine: within each of k asset clusters an inverse-variance mix v, its benchmark; the profile
 * across the benchmarks; asset weight = cluster weight × v. A cluster takes at most max(clusterCap, 1/k), and so
 * little that no asset goes above max(maxWeight, 1/N). */
export function allocateClustered(
  { mu, covariance }: WindowMoments,
  clusters: AssetClusters,
  profile: ProfileName,
  settings: AllocationSettings,
  solver: QpSolver,
): Allocation {
  const N = mu.length;
  const k = clusters.count;
  const mix = clusterMixes(covariance, clusters);
  const largestShares = new Float64Array(k);
  const benchmarkReturns = new Float64Array(k);
  for (let i = 0; i < N; i++) {
    const c = clusters.labels[i];
    largestShares[c] = Math.max(largestShares[c], mix[i]);
    benchmarkReturns[c] += mix[i] * mu[i];
  }
  const maxWeight = Math.max(settings.maxWeight, 1 / N);
  const allocation = optimizePortfolio(
    {
      mu: benchmarkReturns,
      covariance: benchmarkCovariance(covariance, clusters, mix),
      lower: new Float64Array(k),
      upper: largestShares.map((share) => maxWeight / share),
      // The cluster cap as groups of one, so that it is lifted before maxWeight is where both are infeasible.
      groups: {
        labels: Int32Array.from({ length: k }, (_, c) => c),
        caps: new Float64Array(k).fill(Math.max(settings.clusterCap, 1 / k)),
      },
      riskFreeRate: settings.riskFreeRate,
    },
    profile,
    solver,
  );
  if (allocation.status === "infeasible") return allocation;
  return { ...allocation, weights: assetWeights(allocation.weights, clusters, mix) };
}

/** The share of each asset within its cluster. */
function clusterMixes(covariance: Matrix, clusters: AssetClusters): Float64Array {
  const members = Array.from({ length: clusters.count }, (): number[] => []);
  clusters.labels.forEach((c, i) => members[c].push(i));
  const mix = new Float64Array(clusters.labels.length);
  for (const assets of members) {
    const shares = inverseVarianceMix(covariance, assets);
    assets.forEach((i, position) => mix[i] = shares[position]);
  }
  return mix;
}

/** VᵀΣV, with V the N × k matrix of mixes. */
function benchmarkCovariance(
  covariance: Matrix,
  { labels, count: k }: AssetClusters,
  mix: Float64Array,
): Matrix {
  const N = labels.length;
  const data = new Float64Array(k * k);
  for (let i = 0; i < N; i++) {
    for (let j = 0; j <= i; j++) {
      const value = mix[i] * mix[j] * covariance.data[i * N + j];
      data[labels[i] * k + labels[j]] += value;
      if (i !== j) data[labels[j] * k + labels[i]] += value;
    }
  }
  return { rows: k, cols: k, data };
}

function assetWeights(
  clusterWeights: Float64Array,
  { labels }: AssetClusters,
  mix: Float64Array,
): Float64Array {
  const weights = mix.map((share, i) => share * clusterWeights[labels[i]]);
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  return weights.map((weight) => weight / total);
}
