import type { Allocation } from "./allocation.ts";
import type { AllocationProblem } from "./allocation_problem.ts";
import { feasibleLimits } from "./feasible_limits.ts";
import { limitClasses, portfolioSet } from "./limit_classes.ts";
import { type LongOnlyProfile, solveLongOnly } from "./long_only_profiles.ts";
import { nearestPortfolio } from "./nearest_portfolio.ts";
import { distanceTo } from "./portfolio_program.ts";
import { allocationOf } from "./profile_solution.ts";
import type { QpSolver } from "./qp_solver.ts";
import { relaxLimits } from "./relax_limits.ts";
import { type WeightLimits, weightLimits } from "./weight_limits.ts";

/** Slack below which a turnover limit counts as kept. */
const TURNOVER_TOLERANCE = 1e-12;

/** Solves a profile that is long and fully invested by its nature, then brings it within what may be traded.
 * @returns `infeasible` when Σw = 1 is against the net or the gross limit */
export function optimizeLongOnly(
  problem: AllocationProblem,
  profile: LongOnlyProfile,
  solver: QpSolver,
): Allocation {
  const { net = { lower: 1, upper: 1 }, grossLimit = 1 } = problem;
  if (net.lower > 1 || net.upper < 1 || grossLimit < 1) {
    return {
      status: "infeasible",
      reason: `Cannot solve ${profile}: its weights sum to 1, and limits are ${net.lower} to ` +
        `${net.upper} net, ${grossLimit} gross`,
    };
  }
  const feasible = feasibleLimits(longLimits(problem));
  if (feasible.status === "infeasible") return feasible;
  const solution = solveLongOnly(problem, profile, feasible.limits, solver);
  const allocation = allocationOf(solution, profile, problem.mu.length, feasible.relaxations);
  return withinTrading(problem, allocation, solver);
}

/** An allocation as it is where its turnover is within the limit, else the nearest portfolio that may be traded;
 * its objective is then the squared distance from it. */
export function withinTrading(
  problem: AllocationProblem,
  allocation: Allocation,
  solver: QpSolver,
): Allocation {
  const { trading } = problem;
  if (trading === undefined || allocation.status === "infeasible") return allocation;
  const unused = trading.costRate > 0 ? ["turnover_cost_unused"] : [];
  const turnover = 0.5 * distanceTo(trading.held, allocation.weights);
  if (turnover <= trading.turnoverLimit + TURNOVER_TOLERANCE) {
    if (unused.length === 0) return allocation;
    return {
      ...allocation,
      status: "relaxed",
      relaxations: [...allocation.relaxations, ...unused],
    };
  }
  const classes = limitClasses({ ...problem, net: undefined }, longLimits(problem));
  const relaxed = relaxLimits(classes, solver);
  if (relaxed.status === "infeasible") return relaxed;
  const nearest = nearestPortfolio(allocation.weights, portfolioSet(relaxed.classes), solver);
  const objective = nearest?.weights.reduce(
    (sum, weight, i) => sum + (weight - allocation.weights[i]) ** 2,
    0,
  ) ?? NaN;
  return allocationOf(
    nearest && { ...nearest, objective, relaxations: [...unused, "turnover_limit_projected"] },
    "the nearest portfolio within the turnover limit",
    problem.mu.length,
    [...new Set([...allocation.relaxations, ...relaxed.relaxations])],
  );
}

function longLimits(problem: AllocationProblem): WeightLimits {
  const limits = weightLimits(problem);
  return { ...limits, lower: limits.lower.map((bound) => Math.max(0, bound)) };
}
