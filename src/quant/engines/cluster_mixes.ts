import type { AssetClusters } from "../clustering/cluster_assets.ts";
import type { ReturnsWindow } from "../estimators/returns_window.ts";
import type { Matrix } from "../matrix.ts";
import { inverseVarianceMix } from "../optimizers/inverse_variance.ts";

/** The share of each asset within its asset cluster, by inverse variance: the cluster's benchmark.
 * @returns N shares, with sum 1 in each cluster */
export function clusterMixes(
  covariance: Matrix,
  clusters: Pick<AssetClusters, "labels" | "count">,
): Float64Array {
  const members = Array.from({ length: clusters.count }, (): number[] => []);
  clusters.labels.forEach((c, i) => members[c].push(i));
  const mix = new Float64Array(clusters.labels.length);
  for (const assets of members) {
    const shares = inverseVarianceMix(covariance, assets);
    assets.forEach((i, position) => mix[i] = shares[position]);
  }
  return mix;
}

/** The returns of the clusters' benchmarks, rebalanced every row. */
export function clusterReturns(
  { values, T, N }: ReturnsWindow,
  covariance: Matrix,
  clusters: Pick<AssetClusters, "labels" | "count">,
): ReturnsWindow {
  const mix = clusterMixes(covariance, clusters);
  const { labels, count } = clusters;
  const mixed = new Float64Array(T * count);
  for (let t = 0; t < T; t++) {
    for (let i = 0; i < N; i++) mixed[t * count + labels[i]] += mix[i] * values[t * N + i];
  }
  return { values: mixed, T, N: count };
}
