import { groupRoom, LIMIT_TOLERANCE, type WeightLimits } from "./weight_limits.ts";

/** A portfolio in the relative interior of feasible limits, and which of these leave no freedom there. */
export interface InteriorPoint {
  /** n weights, positive where an asset has room. */
  readonly weights: Float64Array;
  /** One flag an asset: its weight is the same in every feasible portfolio. */
  readonly fixed: Uint8Array;
  /** One flag a group: its sum is its cap in every feasible portfolio, and its members are not all fixed. */
  readonly tightGroups: Uint8Array;
}

/** Finds an interior point: every group goes the same share of the way from its floor to its capacity, and every
 * asset of a group the same share of the way from its lower to its upper bound. */
export function interiorPoint(limits: WeightLimits): InteriorPoint {
  const { n, lower, upper, labels, caps } = limits;
  const { floors, ceilings, capacities } = groupRoom(limits);
  let floor = 0, capacity = 0;
  for (let g = 0; g < caps.length; g++) {
    floor += floors[g];
    capacity += capacities[g];
  }
  const share = shareOf(1, floor, capacity);
  const groupShares = caps.map((_, g) =>
    shareOf(floors[g] + share * (capacities[g] - floors[g]), floors[g], ceilings[g])
  );
  const weights = new Float64Array(n);
  const fixed = new Uint8Array(n);
  for (let i = 0; i < n; i++) {
    const way = groupShares[labels[i]];
    weights[i] = lower[i] + way * (upper[i] - lower[i]);
    fixed[i] = Number(way === 0 || way === 1 || upper[i] - lower[i] <= LIMIT_TOLERANCE);
  }
  const tightGroups = new Uint8Array(caps.length);
  for (let g = 0; g < caps.length; g++) {
    tightGroups[g] = Number(
      share === 1 && capacities[g] < ceilings[g] && groupShares[g] > 0 && groupShares[g] < 1,
    );
  }
  return { weights, fixed, tightGroups };
}

/** The assets whose weight is positive in some feasible portfolio, in rising order. */
export function assetsWithRoom(limits: WeightLimits): Int32Array {
  const { weights } = interiorPoint(limits);
  return Int32Array.from(weights.keys()).filter((i) => weights[i] > 0);
}

/** How far along [from, to] a value is, from 0 to 1; an end that it all but reaches counts as reached. */
function shareOf(value: number, from: number, to: number): number {
  if (value - from <= LIMIT_TOLERANCE) return 0;
  if (to - value <= LIMIT_TOLERANCE) return 1;
  return (value - from) / (to - from);
}
