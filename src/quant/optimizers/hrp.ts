import { covarianceDistances } from "../clustering/correlation_distance.ts";
import { leafOrder, type Linkage, linkage } from "../clustering/linkage.ts";
import type { Matrix } from "../matrix.ts";
import { bisectTree, type Segment } from "./bisect_tree.ts";
import { inverseVarianceMix } from "./inverse_variance.ts";
import type { WeightLimits } from "./weight_limits.ts";

/** The hierarchical risk parity portfolio within feasible limits: the leaves of the tree are halved again and
 * again, and each half gets a share inverse to the variance of its inverse-variance mix.
 * Limits act inside the splits (see {@linkcode bisectTree}), a departure from the source, which has none.
 * @param tree the order of the assets; when left out, Ward on the correlation distances of the covariance
 * @throws {RangeError} if the tree has other leaves than the covariance, or a group is not contiguous in their order
 * Source: López de Prado (2016), "Building diversified portfolios that outperform out of sample". */
export function hrp(covariance: Matrix, limits: WeightLimits, tree?: Linkage): Float64Array {
  const order = leafOrder(tree ?? linkage(covarianceDistances(covariance), "ward"));
  return bisectTree(limits, order, {
    middle: ({ from, to }) => from + Math.floor((to - from) / 2),
    leftShare: (left, right) => {
      const leftVariance = mixVariance(covariance, order, left);
      const total = leftVariance + mixVariance(covariance, order, right);
      return total > 0 ? 1 - leftVariance / total : 0.5;
    },
  });
}

/** The variance of the inverse-variance mix of a segment of an order of assets. */
export function mixVariance(
  covariance: Matrix,
  order: Int32Array,
  { from, to }: Segment,
): number {
  const members = order.subarray(from, to);
  const mix = inverseVarianceMix(covariance, members);
  let variance = 0;
  for (let a = 0; a < members.length; a++) {
    const row = members[a] * covariance.cols;
    let sum = 0;
    for (let b = 0; b < members.length; b++) sum += covariance.data[row + members[b]] * mix[b];
    variance += mix[a] * sum;
  }
  return Math.max(0, variance);
}
