import { covarianceDistances } from "../clustering/correlation_distance.ts";
import { leafOrder, type Linkage, linkage } from "../clustering/linkage.ts";
import type { Matrix } from "../matrix.ts";
import { bisectTree, type Segment, type Splitting } from "./bisect_tree.ts";
import { mixVariance } from "./hrp.ts";
import { inverseVarianceMix } from "./inverse_variance.ts";
import type { WeightLimits } from "./weight_limits.ts";

/** The hierarchical equal risk contribution portfolio within feasible limits: the budget goes down the tree itself,
 * at each node inverse to the summed variances of the asset clusters on either side, and within a cluster by inverse
 * variance. Clusters are the groups of the limits, so that without any the whole is one cluster; the source finds
 * their number by the gap statistic. Limits act inside the splits (see {@linkcode bisectTree}).
 * @param tree when left out, Ward on the correlation distances of the covariance
 * @throws {RangeError} if the tree has other leaves than the covariance, or a group is not contiguous in their order
 * Source: Raffinot (2018), "The hierarchical equal risk contribution portfolio". */
export function herc(covariance: Matrix, limits: WeightLimits, tree?: Linkage): Float64Array {
  const dendrogram = tree ?? linkage(covarianceDistances(covariance), "ward");
  const order = leafOrder(dendrogram);
  return bisectTree(limits, order, nodeSplitting(covariance, limits, dendrogram, order));
}

function nodeSplitting(
  covariance: Matrix,
  { labels }: WeightLimits,
  tree: Linkage,
  order: Int32Array,
): Splitting {
  const n = order.length;
  const middles = nodeMiddles(tree);
  const everything = Int32Array.from({ length: n }, (_, i) => i);
  const inverses = inverseVarianceMix(covariance, everything);
  const clusterVariances = new Map<number, number>();
  for (let from = 0; from < n;) {
    let to = from + 1;
    while (to < n && labels[order[to]] === labels[order[from]]) to++;
    clusterVariances.set(labels[order[from]], mixVariance(covariance, order, { from, to }));
    from = to;
  }
  const labelsOf = ({ from, to }: Segment) =>
    new Set(Array.from(order.subarray(from, to), (i) => labels[i]));
  const risk = (clusters: Set<number>) => {
    let sum = 0;
    for (const label of clusters) sum += clusterVariances.get(label) ?? 0;
    return sum;
  };
  const inverseVariance = ({ from, to }: Segment) => {
    let sum = 0;
    for (let p = from; p < to; p++) sum += inverses[order[p]];
    return sum;
  };
  return {
    middle: ({ from, to }) => middles.get(from * (n + 1) + to) ?? from + ((to - from) >> 1),
    leftShare: (left, right) => {
      const [leftLabels, rightLabels] = [labelsOf(left), labelsOf(right)];
      if (!leftLabels.isDisjointFrom(rightLabels)) {
        const here = inverseVariance(left);
        return here / (here + inverseVariance(right));
      }
      const here = risk(leftLabels), total = here + risk(rightLabels);
      return total > 0 ? 1 - here / total : 0.5;
    },
  };
}

/** Where each node's right child begins, by from · (n + 1) + to of the node in the leaf order. */
function nodeMiddles({ n, left, right, sizes }: Linkage): Map<number, number> {
  const middles = new Map<number, number>();
  const stack = n > 1 ? [{ node: 2 * n - 2, from: 0 }] : [];
  for (let top = stack.pop(); top !== undefined; top = stack.pop()) {
    const { node, from } = top;
    if (node < n) continue;
    const merge = node - n;
    const middle = from + (left[merge] < n ? 1 : sizes[left[merge] - n]);
    middles.set(from * (n + 1) + from + sizes[merge], middle);
    stack.push({ node: left[merge], from }, { node: right[merge], from: middle });
  }
  return middles;
}
