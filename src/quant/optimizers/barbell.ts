import type { Allocation } from "./allocation.ts";
import type { AllocationProblem, BarbellTerms } from "./allocation_problem.ts";
import { dot, multiply } from "./quadratic_form.ts";
import { restrictProblem, spreadWeights } from "./restrict_problem.ts";

/** A safe core by hrp beside equal bets on a few aggressors, whose total is given. Each side keeps the limits of its
 * assets by itself; what it had to give up is recorded behind `core:` or `aggressors:`. Without assets on one side
 * the other takes all: `no_aggressors`, `no_core`.
 * @param optimize solves either side
 * Source: Taleb (2012), "Antifragile", chapter 11: nearly all safe, a little at great convexity. */
export function barbell(
  problem: AllocationProblem,
  { aggressors, share }: BarbellTerms,
  optimize: (problem: AllocationProblem, profile: "hrp" | "equal_weight") => Allocation,
): Allocation {
  const n = problem.mu.length;
  const bets = new Set(aggressors);
  const core = Array.from(problem.mu.keys()).filter((i) => !bets.has(i));
  if (bets.size === 0 || share === 0) return alone(optimize(problem, "hrp"), "no_aggressors");
  if (core.length === 0 || share === 1) return alone(optimize(problem, "equal_weight"), "no_core");
  const risky = [...bets].sort((a, b) => a - b);
  const safeSide = optimize(side(problem, core, 1 - share), "hrp");
  if (safeSide.status === "infeasible") return safeSide;
  const riskySide = optimize(side(problem, risky, share), "equal_weight");
  if (riskySide.status === "infeasible") return riskySide;
  const weights = spreadWeights(n, core, safeSide.weights.map((weight) => weight * (1 - share)));
  risky.forEach((i, k) => weights[i] = riskySide.weights[k] * share);
  const relaxations = [
    ...safeSide.relaxations.map((name) => `core:${name}`),
    ...riskySide.relaxations.map((name) => `aggressors:${name}`),
  ];
  return {
    status: relaxations.length === 0 ? "optimal" : "relaxed",
    weights,
    relaxations,
    objective: Math.max(0, dot(multiply(problem.covariance, weights), weights)),
    kktResidual: Math.max(safeSide.kktResidual, riskySide.kktResidual),
  };
}

function alone(allocation: Allocation, relaxation: string): Allocation {
  if (allocation.status === "infeasible") return allocation;
  return {
    ...allocation,
    status: "relaxed",
    relaxations: [relaxation, ...allocation.relaxations],
  };
}

/** The assets of one side, with limits in units of its budget. */
function side(
  problem: AllocationProblem,
  assets: readonly number[],
  budget: number,
): AllocationProblem {
  const part = restrictProblem(problem, assets);
  return {
    ...part,
    lower: part.lower.map((bound) => bound / budget),
    upper: part.upper.map((bound) => bound / budget),
    groups: part.groups && { ...part.groups, caps: part.groups.caps.map((cap) => cap / budget) },
  };
}
