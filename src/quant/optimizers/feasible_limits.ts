import { groupRoom, LIMIT_TOLERANCE, type WeightLimits } from "./weight_limits.ts";

/** Limits that some portfolio keeps, with what had to be given up; or why there are none. */
export type FeasibleLimits =
  | {
    readonly status: "feasible";
    readonly limits: WeightLimits;
    readonly relaxations: readonly string[];
  }
  | { readonly status: "infeasible"; readonly reason: string };

/** Relaxes limits that no portfolio can keep, one rung at a time:
 * 1. `group_caps_lifted:f`: all group caps times the smallest factor f that makes room;
 * 2. `group_caps_removed`, then `asset_caps_lifted:f`: if no such factor exists since the assets' own caps sum to
 *    less than 1, these are lifted by the smallest factor, none above 1.
 * Lower bounds are never relaxed: if they cannot be kept, there is no portfolio. */
export function feasibleLimits(limits: WeightLimits): FeasibleLimits {
  const { lower, upper, caps } = limits;
  const crossed = lower.findIndex((bound, i) => bound > upper[i]);
  if (crossed >= 0) {
    return infeasible(
      `asset ${crossed} has lower bound ${lower[crossed]} above its upper bound ${upper[crossed]}`,
    );
  }
  const floor = sum(lower);
  if (floor > 1 + LIMIT_TOLERANCE) return infeasible(`the lower bounds sum to ${floor}, above 1`);
  const { floors, ceilings, capacities } = groupRoom(limits);
  const floorsFit = floors.every((total, g) => total <= caps[g] + LIMIT_TOLERANCE);
  if (floorsFit && sum(capacities) >= 1 - LIMIT_TOLERANCE) {
    return { status: "feasible", limits, relaxations: [] };
  }
  const groupFactor = floors.reduce(
    (factor, total, g) => total > 0 ? Math.max(factor, total / caps[g]) : factor,
    smallestFactor(caps, ceilings),
  );
  if (Number.isFinite(groupFactor)) {
    return {
      status: "feasible",
      limits: { ...limits, caps: caps.map((cap) => cap * groupFactor) },
      relaxations: [`group_caps_lifted:${groupFactor.toFixed(6)}`],
    };
  }
  return liftAssetCaps(limits);
}

function liftAssetCaps(limits: WeightLimits): FeasibleLimits {
  const { n, upper, caps } = limits;
  const relaxations: string[] = [];
  if (caps.some((cap) => cap < 1)) relaxations.push("group_caps_removed");
  const factor = smallestFactor(upper, new Float64Array(n).fill(1));
  if (!Number.isFinite(factor)) return infeasible("every upper bound is 0");
  if (factor > 1) relaxations.push(`asset_caps_lifted:${factor.toFixed(6)}`);
  return {
    status: "feasible",
    limits: {
      ...limits,
      upper: factor > 1 ? upper.map((bound) => Math.min(1, bound * factor)) : upper,
      caps: new Float64Array(caps.length).fill(1),
    },
    relaxations,
  };
}

/** The smallest f >= 1 with Σ min(f·caps, ceilings) >= 1; Infinity when the ceilings sum to less. */
function smallestFactor(caps: Float64Array, ceilings: Float64Array): number {
  const byRatio = Array.from(caps.keys())
    .filter((g) => caps[g] > 0)
    .sort((a, b) => ceilings[a] / caps[a] - ceilings[b] / caps[b]);
  let growing = byRatio.reduce((total, g) => total + caps[g], 0);
  let saturated = 0;
  for (const g of byRatio) {
    const factor = (1 - saturated) / growing;
    if (factor * caps[g] <= ceilings[g] * (1 + LIMIT_TOLERANCE)) return Math.max(1, factor);
    saturated += ceilings[g];
    growing -= caps[g];
  }
  return Infinity;
}

function sum(values: Float64Array): number {
  return values.reduce((total, value) => total + value, 0);
}

function infeasible(reason: string): FeasibleLimits {
  return { status: "infeasible", reason: `Cannot allocate: ${reason}` };
}
