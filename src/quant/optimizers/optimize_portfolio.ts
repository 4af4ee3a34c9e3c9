import { assertNever } from "../../base/errors.ts";
import { adaptiveProfile } from "../regime/adaptive_profile.ts";
import type { Allocation } from "./allocation.ts";
import { type AllocationProblem, assertAllocationProblem } from "./allocation_problem.ts";
import { barbell } from "./barbell.ts";
import { optimizeFewAssets } from "./few_assets.ts";
import { isPlain } from "./limit_classes.ts";
import { optimizeConvex } from "./optimize_convex.ts";
import { optimizeLongOnly, withinTrading } from "./optimize_long_only.ts";
import type { ProfileName } from "./profiles.ts";
import type { QpSolver } from "./qp_solver.ts";
import { dot, multiply } from "./quadratic_form.ts";

/** Solves a portfolio problem for a profile, with its caps inside the problem. The same problem gives the same
 * bits on every machine.
 *
 * What can be recorded in `relaxations`:
 * - `group_caps_lifted:f`, `group_caps_removed`, `asset_caps_lifted:f`: the caps were infeasible;
 * - `turnover_limit_lifted:v`, `beta_limit_lifted:v`, `gross_limit_lifted:v`, or `…_removed`: these were (see
 *   `relaxLimits`);
 * - `assets_without_room`: risk parity, which needs every weight positive, over the assets that can have one;
 * - `no_positive_excess_return`: the ratio of max_sharpe has no maximum to look for; min_variance instead;
 * - `covariance_ridge`: solved for Σ + 1e-6 × mean variance × I (the objective is of that, too), as Σ leaves some
 *   portfolio without variance, or is too ill-conditioned;
 * - `turnover_limit_projected`: a profile that minimises no function of the weights held, moved to the nearest
 *   portfolio (least squares) that may be traded; `turnover_cost_unused`: it has nothing to weigh the cost against;
 * - `pruned_to:K`: see `optimizeFewAssets`; `core:…`, `aggressors:…`, `no_core`, `no_aggressors`: see `barbell`;
 * - `kkt_residual:r`: the best that the solver found is less exact than `KKT_TOLERANCE`.
 *
 * market and benchmark are what others are compared with: equal weights, whatever the limits.
 * @throws {RangeError} for a problem that is not well formed (see {@linkcode assertAllocationProblem}), or whose
 * groups are not contiguous in the tree of hrp and herc */
export function optimizePortfolio(
  problem: AllocationProblem,
  profile: ProfileName,
  solver: QpSolver,
): Allocation {
  assertAllocationProblem(problem);
  if (problem.maxAssets === undefined || profile === "market" || profile === "benchmark") {
    return optimizeUnpruned(problem, profile, solver);
  }
  return optimizeFewAssets(
    problem,
    problem.maxAssets,
    (pruned) => optimizeUnpruned(pruned, profile, solver),
  );
}

function optimizeUnpruned(
  problem: AllocationProblem,
  profile: ProfileName,
  solver: QpSolver,
): Allocation {
  switch (profile) {
    case "min_variance":
    case "mean_variance":
    case "market_neutral":
    case "min_cvar":
      return optimizeConvex(problem, profile, solver);
    case "max_sharpe":
      return isPlain(problem)
        ? optimizeLongOnly(problem, profile, solver)
        : optimizeConvex(problem, profile, solver);
    case "max_diversification": {
      const long = { ...problem, lower: problem.lower.map((bound) => Math.max(0, bound)) };
      return isPlain(long)
        ? optimizeLongOnly(long, profile, solver)
        : optimizeConvex(long, profile, solver);
    }
    case "equal_weight":
    case "hrp":
    case "herc":
    case "risk_parity":
      return optimizeLongOnly(problem, profile, solver);
    case "barbell":
      return optimizeBarbell(problem, solver);
    case "adaptive":
      return problem.quadrant === undefined
        ? missing(profile, "the quadrant of the market")
        : optimizeUnpruned(problem, adaptiveProfile(problem.quadrant), solver);
    case "market":
      return problem.market === undefined || problem.market.length === 0
        ? missing(profile, "any symbol of the market")
        : equalMix(problem, problem.market);
    case "benchmark":
      return equalMix(problem, Int32Array.from(problem.mu.keys()));
    default:
      return assertNever(profile);
  }
}

function optimizeBarbell(problem: AllocationProblem, solver: QpSolver): Allocation {
  if (problem.barbell === undefined) return missing("barbell", "aggressors and their share");
  const untraded = { ...problem, trading: undefined };
  const allocation = barbell(
    untraded,
    problem.barbell,
    (side, profile) => optimizeLongOnly(side, profile, solver),
  );
  return withinTrading(problem, allocation, solver);
}

/** Equal weights of some assets. */
function equalMix({ mu, covariance }: AllocationProblem, assets: Int32Array): Allocation {
  const weights = new Float64Array(mu.length);
  for (const i of assets) weights[i] = 1 / assets.length;
  return {
    status: "optimal",
    weights,
    relaxations: [],
    objective: Math.max(0, dot(multiply(covariance, weights), weights)),
    kktResidual: 0,
  };
}

function missing(profile: ProfileName, what: string): Allocation {
  return { status: "infeasible", reason: `Cannot solve ${profile} without ${what}: none is given` };
}
