import type { Matrix } from "../matrix.ts";
import { ACCEPTABLE_RESIDUAL, type Allocation, KKT_TOLERANCE } from "./allocation.ts";
import { type AllocationProblem, assertAllocationProblem } from "./allocation_problem.ts";
import type { CertifiedWeights } from "./certified_qp.ts";
import { equalWeight } from "./equal_weight.ts";
import { feasibleLimits } from "./feasible_limits.ts";
import { hrp } from "./hrp.ts";
import { assetsWithRoom } from "./interior_point.ts";
import { maxSharpe } from "./max_sharpe.ts";
import { minVariance } from "./min_variance.ts";
import type { ProfileName } from "./profiles.ts";
import type { QpSolver } from "./qp_solver.ts";
import { dot, meanDiagonal, multiply, submatrix } from "./quadratic_form.ts";
import { riskParity, riskParityObjective } from "./risk_parity.ts";
import { type WeightLimits, weightLimits } from "./weight_limits.ts";

/** Share of the mean variance that is added to each where a profile has no solution without. */
const RIDGE = 1e-6;

/** Solves a portfolio problem for a profile, with its caps inside the problem. The same problem gives the same
 * bits on every machine.
 *
 * What can be recorded in `relaxations`, in this order:
 * - `group_caps_lifted:f`, `group_caps_removed`, `asset_caps_lifted:f`: the caps were infeasible;
 * - `assets_without_room`: risk parity, which needs every weight positive, over the assets that can have one;
 * - `no_positive_excess_return`: the ratio of max_sharpe has no maximum to look for; min_variance instead;
 * - `covariance_ridge`: solved for Σ + 1e-6 × mean variance × I (the objective is of that, too), as Σ leaves some
 *   portfolio without variance, or is too ill-conditioned;
 * - `kkt_residual:r`: the best that the solver found is less exact than {@linkcode KKT_TOLERANCE}.
 * @throws {RangeError} for a problem that is not well formed (see {@linkcode assertAllocationProblem}), or whose
 * groups are not contiguous in the tree of hrp */
export function optimizePortfolio(
  problem: AllocationProblem,
  profile: ProfileName,
  solver: QpSolver,
): Allocation {
  assertAllocationProblem(problem);
  const feasible = feasibleLimits(weightLimits(problem));
  if (feasible.status === "infeasible") return feasible;
  const solution = solveProfile(problem, profile, feasible.limits, solver);
  if (solution === undefined) {
    return {
      status: "infeasible",
      reason: `Cannot solve ${profile} for ${problem.mu.length} assets: no attempt converged`,
    };
  }
  const relaxations = [...feasible.relaxations, ...solution.relaxations];
  if (solution.kktResidual > KKT_TOLERANCE) {
    relaxations.push(`kkt_residual:${solution.kktResidual.toExponential(2)}`);
  }
  return { ...solution, status: relaxations.length === 0 ? "optimal" : "relaxed", relaxations };
}

/** Weights, with what was given up for them on top of the limits. */
interface ProfileSolution extends CertifiedWeights {
  readonly objective: number;
  readonly relaxations: readonly string[];
}

function solveProfile(
  problem: AllocationProblem,
  profile: ProfileName,
  limits: WeightLimits,
  solver: QpSolver,
): ProfileSolution | undefined {
  const { covariance } = problem;
  switch (profile) {
    case "equal_weight": {
      const solution = equalWeight(limits);
      const objective = solution.weights.reduce((sum, w) => sum + (w - 1 / limits.n) ** 2, 0);
      return { ...solution, objective, relaxations: [] };
    }
    case "hrp": {
      const weights = hrp(covariance, limits, problem.linkage);
      return { weights, objective: variance(covariance, weights), kktResidual: 0, relaxations: [] };
    }
    default:
      return solveWithRoom(problem, profile, limits, solver);
  }
}

/** Profiles that minimise a risk. */
type RiskProfile = Exclude<ProfileName, "equal_weight" | "hrp">;

/** Solves over the assets that can have a weight at all: the interior of the limits is theirs. */
function solveWithRoom(
  problem: AllocationProblem,
  profile: RiskProfile,
  limits: WeightLimits,
  solver: QpSolver,
): ProfileSolution | undefined {
  const assets = assetsWithRoom(limits);
  const risky: RiskyProblem = {
    covariance: submatrix(problem.covariance, assets),
    excess: Float64Array.from(assets, (i) => problem.mu[i] - problem.riskFreeRate),
    limits: {
      n: assets.length,
      lower: Float64Array.from(assets, (i) => limits.lower[i]),
      upper: Float64Array.from(assets, (i) => limits.upper[i]),
      labels: Int32Array.from(assets, (i) => limits.labels[i]),
      caps: limits.caps,
    },
  };
  const solution = solveWithRidge(risky, profile, solver);
  if (solution === undefined || assets.length === limits.n) return solution;
  const weights = new Float64Array(limits.n);
  assets.forEach((i, k) => weights[i] = solution.weights[k]);
  const dropped = profile === "risk_parity" ? ["assets_without_room"] : [];
  return { ...solution, weights, relaxations: [...dropped, ...solution.relaxations] };
}

/** What the risk profiles need to know. */
interface RiskyProblem {
  readonly covariance: Matrix;
  readonly excess: Float64Array;
  readonly limits: WeightLimits;
}

/** Solves as posed, else with a ridge that gives every portfolio some variance. */
function solveWithRidge(
  problem: RiskyProblem,
  profile: RiskProfile,
  solver: QpSolver,
): ProfileSolution | undefined {
  const plain = solveRisk(problem, profile, solver);
  if (plain !== undefined && plain.kktResidual <= KKT_TOLERANCE) return plain;
  const data = problem.covariance.data.slice();
  const n = problem.limits.n;
  for (let i = 0; i < n; i++) data[i * n + i] += RIDGE * meanDiagonal(problem.covariance);
  const ridged = { ...problem, covariance: { rows: n, cols: n, data } };
  const solution = solveRisk(ridged, profile, solver);
  if (solution === undefined) return plain;
  return { ...solution, relaxations: [...solution.relaxations, "covariance_ridge"] };
}

function solveRisk(
  { covariance, excess, limits }: RiskyProblem,
  profile: RiskProfile,
  solver: QpSolver,
): ProfileSolution | undefined {
  switch (profile) {
    case "min_variance":
      return withObjective(
        minVariance(covariance, limits, solver),
        (w) => variance(covariance, w),
      );
    case "risk_parity":
      return withObjective(
        riskParity(covariance, limits),
        (w) => riskParityObjective(covariance, w),
      );
    case "max_sharpe": {
      const found = maxSharpe(excess, covariance, limits, solver);
      if (found.status === "solved") {
        return withObjective(found, (w) => dot(excess, w) / Math.sqrt(variance(covariance, w)));
      }
      if (found.status === "failed") return undefined;
      return withObjective(
        minVariance(covariance, limits, solver),
        (w) => variance(covariance, w),
        [found.status],
      );
    }
  }
}

function withObjective(
  certified: CertifiedWeights | undefined,
  objectiveOf: (weights: Float64Array) => number,
  relaxations: readonly string[] = [],
): ProfileSolution | undefined {
  if (certified === undefined || !(certified.kktResidual <= ACCEPTABLE_RESIDUAL)) return undefined;
  const { weights, kktResidual } = certified;
  return { weights, kktResidual, objective: objectiveOf(weights), relaxations };
}

function variance(covariance: Matrix, weights: Float64Array): number {
  return Math.max(0, dot(multiply(covariance, weights), weights));
}
