import type { AllocationProblem } from "./allocation_problem.ts";

/** The set of portfolios to choose from: Σw = 1, lower <= w <= upper, and the sum of group g at most caps[g]. */
export interface WeightLimits {
  /** Assets. */
  readonly n: number;
  /** n smallest weights, >= 0. */
  readonly lower: Float64Array;
  /** n largest weights, never above 1. */
  readonly upper: Float64Array;
  /** The group of each asset; all in group 0, with cap 1, where the problem has no groups. */
  readonly labels: Int32Array;
  /** The largest sum of each group. */
  readonly caps: Float64Array;
}

/** What a group of assets can hold. */
export interface GroupRoom {
  /** Sum of the lower bounds. */
  readonly floors: Float64Array;
  /** Sum of the upper bounds, the group's cap aside. */
  readonly ceilings: Float64Array;
  /** The most that each group can hold: its ceiling or its cap, whichever is less. */
  readonly capacities: Float64Array;
}

/** Slack below which a limit counts as reached: rounding of sums such as 49 × (1/49). */
export const LIMIT_TOLERANCE = 1e-12;

/** The limits of a well-formed problem. */
export function weightLimits(problem: AllocationProblem): WeightLimits {
  const n = problem.mu.length;
  return {
    n,
    lower: problem.lower,
    upper: problem.upper.map((bound) => Math.min(bound, 1)),
    labels: problem.groups?.labels ?? new Int32Array(n),
    caps: problem.groups?.caps ?? new Float64Array([1]),
  };
}

/** What each group can hold under the limits. */
export function groupRoom(limits: WeightLimits): GroupRoom {
  const { n, lower, upper, labels, caps } = limits;
  const floors = new Float64Array(caps.length);
  const ceilings = new Float64Array(caps.length);
  for (let i = 0; i < n; i++) {
    floors[labels[i]] += lower[i];
    ceilings[labels[i]] += upper[i];
  }
  return { floors, ceilings, capacities: ceilings.map((ceiling, g) => Math.min(ceiling, caps[g])) };
}

/** Whether a group's cap can bind: below what its assets' own bounds, and the whole portfolio, allow. */
export function groupCapCanBind(limits: WeightLimits, room: GroupRoom, g: number): boolean {
  return limits.caps[g] < Math.min(room.ceilings[g], 1);
}

/** By how much weights break the limits: 0 when they are kept. */
export function limitViolation(limits: WeightLimits, weights: Float64Array): number {
  const { n, lower, upper, labels, caps } = limits;
  const sums = new Float64Array(caps.length);
  let total = 0, violation = 0;
  for (let i = 0; i < n; i++) {
    total += weights[i];
    sums[labels[i]] += weights[i];
    violation = Math.max(violation, lower[i] - weights[i], weights[i] - upper[i]);
  }
  for (let g = 0; g < caps.length; g++) violation = Math.max(violation, sums[g] - caps[g]);
  return Math.max(violation, Math.abs(total - 1));
}
