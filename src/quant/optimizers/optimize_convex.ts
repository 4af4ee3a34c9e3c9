import { assertNever } from "../../base/errors.ts";
import type { Matrix } from "../matrix.ts";
import type { Allocation } from "./allocation.ts";
import type { AllocationProblem } from "./allocation_problem.ts";
import { bestRatio, type ConvexSolution, meanVariance, minVariance } from "./convex_profiles.ts";
import { limitClasses, portfolioSet } from "./limit_classes.ts";
import { volatilities } from "./long_only_profiles.ts";
import { minCvar } from "./min_cvar.ts";
import type { PortfolioSet } from "./portfolio_program.ts";
import { allocationOf, type ProfileSolution } from "./profile_solution.ts";
import type { QpSolver } from "./qp_solver.ts";
import { relaxLimits } from "./relax_limits.ts";
import { solveWithRidge } from "./ridge.ts";
import { weightLimits } from "./weight_limits.ts";

/** The profiles that are solved under every kind of limit. */
export type ConvexProfile =
  | "min_variance"
  | "mean_variance"
  | "market_neutral"
  | "min_cvar"
  | "max_sharpe"
  | "max_diversification";

/** The largest |βᵀw| of market_neutral, and the tail of min_cvar, where the problem does not say. */
const BETA_LIMIT = 0.05;
const TAIL_SHARE = 0.05;

/** Solves a profile under all limits of the problem at once: bounds, groups, net, gross, beta and trading. */
export function optimizeConvex(
  problem: AllocationProblem,
  profile: ConvexProfile,
  solver: QpSolver,
): Allocation {
  const { betas, betaLimit = BETA_LIMIT } = problem;
  if (profile === "market_neutral" && betas === undefined) return missing(profile, "betas");
  if (profile === "min_cvar" && problem.scenarios === undefined) {
    return missing(profile, "scenarios");
  }
  const relaxed = relaxLimits(
    {
      ...limitClasses(problem, weightLimits(problem)),
      beta: profile === "market_neutral" && betas !== undefined
        ? { betas, limit: betaLimit }
        : undefined,
    },
    solver,
  );
  if (relaxed.status === "infeasible") return relaxed;
  const set = portfolioSet(relaxed.classes);
  const solution = solveWithRidge(
    problem.covariance,
    (covariance) => solveProfile(problem, profile, covariance, set, solver),
  );
  return allocationOf(solution, profile, problem.mu.length, relaxed.relaxations);
}

function solveProfile(
  problem: AllocationProblem,
  profile: ConvexProfile,
  covariance: Matrix,
  set: PortfolioSet,
  solver: QpSolver,
): ProfileSolution | undefined {
  const { mu, riskFreeRate, l2Penalty = 0, riskAversion = 1, scenarios } = problem;
  switch (profile) {
    case "min_variance":
    case "market_neutral":
      return plainly(minVariance(covariance, set, l2Penalty, solver));
    case "mean_variance":
      return plainly(meanVariance(mu, covariance, set, { riskAversion, l2Penalty }, solver));
    case "min_cvar":
      return scenarios &&
        plainly(minCvar(scenarios, set, problem.tailShare ?? TAIL_SHARE, solver));
    case "max_sharpe":
      return solveRatio(mu.map((value) => value - riskFreeRate), covariance, set, solver);
    case "max_diversification":
      return solveRatio(volatilities(covariance), covariance, set, solver);
    default:
      return assertNever(profile);
  }
}

function solveRatio(
  excess: Float64Array,
  covariance: Matrix,
  set: PortfolioSet,
  solver: QpSolver,
): ProfileSolution | undefined {
  const found = bestRatio(excess, covariance, set, solver);
  if (found.status === "solved") return plainly(found);
  if (found.status === "failed") return undefined;
  const safest = minVariance(covariance, set, 0, solver);
  return safest && { ...safest, relaxations: [found.status] };
}

function plainly(solution: ConvexSolution | undefined): ProfileSolution | undefined {
  if (solution === undefined) return undefined;
  const { weights, objective, kktResidual } = solution;
  return { weights, objective, kktResidual, relaxations: [] };
}

function missing(profile: ConvexProfile, what: string): Allocation {
  return {
    status: "infeasible",
    reason: `Cannot solve ${profile} without ${what}: none are given`,
  };
}
