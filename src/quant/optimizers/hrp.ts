import { covarianceDistances } from "../clustering/correlation_distance.ts";
import { leafOrder, type Linkage, linkage } from "../clustering/linkage.ts";
import type { Matrix } from "../matrix.ts";
import { cleanWeights } from "./clean_weights.ts";
import { inverseVarianceMix } from "./inverse_variance.ts";
import type { WeightLimits } from "./weight_limits.ts";

/** The hierarchical risk parity portfolio within feasible limits: the leaves of the tree are halved again and
 * again, and each half gets a share inverse to the variance of its inverse-variance mix.
 * Limits act inside the splits, a departure from the source, which has none: a half gets no more than it can hold
 * and no less than the other half leaves over. A group cut by a split divides its cap in the ratio in which the
 * two halves would use it.
 * @param tree the order of the assets; when left out, Ward on the correlation distances of the covariance
 * @throws {RangeError} if the tree has other leaves than the covariance, or a group is not contiguous in their order
 * Source: López de Prado (2016), "Building diversified portfolios that outperform out of sample". */
export function hrp(covariance: Matrix, limits: WeightLimits, tree?: Linkage): Float64Array {
  const order = leafOrder(tree ?? linkage(covarianceDistances(covariance), "ward"));
  if (order.length !== limits.n) {
    throw new RangeError(
      `Cannot bisect ${limits.n} assets by a tree of ${order.length} leaves`,
    );
  }
  assertContiguousGroups(order, limits);
  const weights = new Float64Array(limits.n);
  const bisection: Bisection = { covariance, limits, order, weights };
  allocate(bisection, { from: 0, to: limits.n }, 1, limits.caps);
  return cleanWeights(limits, weights);
}

interface Bisection {
  readonly covariance: Matrix;
  readonly limits: WeightLimits;
  readonly order: Int32Array;
  /** Filled as segments come down to single assets. */
  readonly weights: Float64Array;
}

/** Positions from … to − 1 of the leaf order. */
interface Segment {
  readonly from: number;
  readonly to: number;
}

/** Gives a segment its budget, under caps that count the segment's own members of each group alone. */
function allocate(
  bisection: Bisection,
  segment: Segment,
  budget: number,
  caps: Float64Array,
): void {
  const { order, limits, weights } = bisection;
  if (segment.to - segment.from === 1) {
    weights[order[segment.from]] = budget;
    return;
  }
  const middle = segment.from + Math.floor((segment.to - segment.from) / 2);
  const left = { from: segment.from, to: middle };
  const right = { from: middle, to: segment.to };
  const group = limits.labels[order[middle - 1]];
  const split = limits.labels[order[middle]] === group ? group : -1;
  const cap = split < 0 ? 0 : caps[split];
  const leftRoom = segmentRoom(bisection, left, caps, split);
  const rightRoom = segmentRoom(bisection, right, caps, split);
  const leftMost = leftRoom.rest + Math.min(leftRoom.ceiling, cap - rightRoom.floor);
  const rightMost = rightRoom.rest + Math.min(rightRoom.ceiling, cap - leftRoom.floor);
  const leftBudget = Math.min(
    leftMost,
    budget - rightRoom.restFloor - rightRoom.floor,
    Math.max(
      leftRoom.restFloor + leftRoom.floor,
      budget - rightMost,
      budget * leftShare(bisection, left, right),
    ),
  );
  const rightBudget = budget - leftBudget;
  allocate(bisection, left, leftBudget, caps);
  allocate(bisection, right, rightBudget, caps);
  if (split < 0) return;
  const leftUse = groupUse(bisection, left, split);
  const use = leftUse + groupUse(bisection, right, split);
  if (use <= cap) return;
  // What the halves cannot hold outside the group that they share has to go into it.
  const leftNeed = Math.max(leftRoom.floor, leftBudget - leftRoom.rest);
  const rightNeed = Math.max(rightRoom.floor, rightBudget - rightRoom.rest);
  const leftCap = Math.max(leftNeed, Math.min(cap - rightNeed, cap * leftUse / use));
  allocate(bisection, left, leftBudget, caps.with(split, leftCap));
  allocate(bisection, right, rightBudget, caps.with(split, cap - leftCap));
}

/** What a segment can hold in one group (its own bounds alone: `floor` to `ceiling`) and in all others
 * (`restFloor` to `rest`, caps counted). */
interface SegmentRoom {
  readonly floor: number;
  readonly ceiling: number;
  readonly restFloor: number;
  readonly rest: number;
}

function segmentRoom(
  { order, limits }: Bisection,
  { from, to }: Segment,
  caps: Float64Array,
  apart: number,
): SegmentRoom {
  const { lower, upper, labels } = limits;
  let floor = 0, ceiling = 0, restFloor = 0, rest = 0;
  for (let start = from; start < to;) {
    const group = labels[order[start]];
    let low = 0, high = 0, end = start;
    for (; end < to && labels[order[end]] === group; end++) {
      low += lower[order[end]];
      high += upper[order[end]];
    }
    if (group === apart) {
      floor = low;
      ceiling = high;
    } else {
      restFloor += low;
      rest += Math.min(high, caps[group]);
    }
    start = end;
  }
  return { floor, ceiling, restFloor, rest };
}

function groupUse({ order, limits, weights }: Bisection, segment: Segment, group: number): number {
  let use = 0;
  for (let p = segment.from; p < segment.to; p++) {
    if (limits.labels[order[p]] === group) use += weights[order[p]];
  }
  return use;
}

function leftShare(bisection: Bisection, left: Segment, right: Segment): number {
  const leftVariance = mixVariance(bisection, left);
  const total = leftVariance + mixVariance(bisection, right);
  return total > 0 ? 1 - leftVariance / total : 0.5;
}

/** The variance of a segment's inverse-variance mix. */
function mixVariance({ covariance, order }: Bisection, { from, to }: Segment): number {
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

function assertContiguousGroups(order: Int32Array, { labels, caps }: WeightLimits): void {
  const closed = new Uint8Array(caps.length);
  for (let p = 1; p < order.length; p++) {
    const group = labels[order[p]], previous = labels[order[p - 1]];
    if (group === previous) continue;
    closed[previous] = 1;
    if (closed[group] === 1) {
      throw new RangeError(
        `Cannot bisect the tree: group ${group} is not contiguous in its leaf order`,
      );
    }
  }
}
