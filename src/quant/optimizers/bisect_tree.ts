import { cleanWeights } from "./clean_weights.ts";
import type { WeightLimits } from "./weight_limits.ts";

/** Positions from … to − 1 of a leaf order. */
export interface Segment {
  readonly from: number;
  readonly to: number;
}

/** Where a segment of two leaves or more is cut, and how its budget is shared. */
export interface Splitting {
  /** The first position of the right side. */
  readonly middle: (segment: Segment) => number;
  /** The share of the left side, in [0, 1]. */
  readonly leftShare: (left: Segment, right: Segment) => number;
}

/** Splits a budget of 1 down to single assets, within feasible limits. Limits act inside the splits: a side gets no
 * more than it can hold and no less than the other side leaves over. A group cut by a split divides its cap in the
 * ratio in which the two sides would use it.
 * @param order a permutation of the assets in which each group is contiguous
 * @throws {RangeError} if the order has other leaves than the limits, or a group is not contiguous in it */
export function bisectTree(
  limits: WeightLimits,
  order: Int32Array,
  splitting: Splitting,
): Float64Array {
  if (order.length !== limits.n) {
    throw new RangeError(
      `Cannot bisect ${limits.n} assets by a tree of ${order.length} leaves`,
    );
  }
  assertContiguousGroups(order, limits);
  const weights = new Float64Array(limits.n);
  const bisection: Bisection = { limits, order, splitting, weights };
  allocate(bisection, { from: 0, to: limits.n }, 1, limits.caps);
  return cleanWeights(limits, weights);
}

interface Bisection {
  readonly limits: WeightLimits;
  readonly order: Int32Array;
  readonly splitting: Splitting;
  /** Filled as segments come down to single assets. */
  readonly weights: Float64Array;
}

/** Gives a segment its budget, under caps that count the segment's own members of each group alone. */
function allocate(
  bisection: Bisection,
  segment: Segment,
  budget: number,
  caps: Float64Array,
): void {
  const { order, limits, splitting, weights } = bisection;
  if (segment.to - segment.from === 1) {
    weights[order[segment.from]] = budget;
    return;
  }
  const middle = splitting.middle(segment);
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
      budget * splitting.leftShare(left, right),
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
