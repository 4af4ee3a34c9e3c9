import type { Linkage } from "./linkage.ts";

/** Which asset cluster each leaf is in. */
export interface LinkageCut {
  /** One label a leaf, 0 … count − 1, numbered from left to right in the tree's leaf order. */
  readonly labels: Int32Array;
  /** Clusters. */
  readonly count: number;
  /** Merges at or below this height are within a cluster. */
  readonly height: number;
}

/** Cuts a tree at a height, as SciPy's `fcluster(Z, height, "distance")` with labels from 0. If that leaves more
 * than `maxClusters`, cuts at the lowest merge that leaves no more.
 * @param height a distance, >= 0
 * @param maxClusters at least 1
 * @throws {RangeError} if the height is negative or NaN, or maxClusters is no integer >= 1 */
export function cutLinkage(tree: Linkage, height: number, maxClusters: number): LinkageCut {
  if (!(height >= 0)) throw new RangeError(`Cannot cut a tree below height 0: it is ${height}`);
  if (!Number.isInteger(maxClusters) || maxClusters < 1) {
    throw new RangeError(`Cannot cut a tree into fewer than 1 clusters: it is ${maxClusters}`);
  }
  const { n, left, right, heights } = tree;
  // Heights rise, so that n − k merges at or below the cut leave k clusters.
  const forced = n > maxClusters ? heights[n - maxClusters - 1] : 0;
  const cut = Math.max(height, forced);
  const labels = new Int32Array(n);
  let count = 0;
  // A node without a label yet (−1) opens one when it is a leaf or merges at or below the cut.
  const stack = [{ node: 2 * n - 2, label: -1 }];
  for (let top = stack.pop(); top !== undefined; top = stack.pop()) {
    const { node } = top;
    const merge = node - n;
    let { label } = top;
    if (label < 0 && (merge < 0 || heights[merge] <= cut)) label = count++;
    if (merge < 0) labels[node] = label;
    else stack.push({ node: right[merge], label }, { node: left[merge], label });
  }
  return { labels, count, height: cut };
}
