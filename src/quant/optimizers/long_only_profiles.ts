import type { Matrix } from "../matrix.ts";
import { ACCEPTABLE_RESIDUAL } from "./allocation.ts";
import type { AllocationProblem } from "./allocation_problem.ts";
import type { CertifiedWeights } from "./certified_qp.ts";
import { minVariance } from "./convex_profiles.ts";
import { equalWeight } from "./equal_weight.ts";
import { herc } from "./herc.ts";
import { hrp } from "./hrp.ts";
import { assetsWithRoom } from "./interior_point.ts";
import { portfolioSet } from "./limit_classes.ts";
import { maxSharpe } from "./max_sharpe.ts";
import type { ProfileSolution } from "./profile_solution.ts";
import type { QpSolver } from "./qp_solver.ts";
import { dot, multiply, submatrix } from "./quadratic_form.ts";
import { solveWithRidge } from "./ridge.ts";
import { riskParity, riskParityObjective } from "./risk_parity.ts";
import type { WeightLimits } from "./weight_limits.ts";

/** The profiles that are solved over long, fully invested portfolios. */
export type LongOnlyProfile =
  | "equal_weight"
  | "hrp"
  | "herc"
  | "risk_parity"
  | "max_sharpe"
  | "max_diversification";

/** Solves a profile within feasible limits of long portfolios. */
export function solveLongOnly(
  problem: AllocationProblem,
  profile: LongOnlyProfile,
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
    case "hrp":
    case "herc": {
      const weights = (profile === "hrp" ? hrp : herc)(covariance, limits, problem.linkage);
      return { weights, objective: variance(covariance, weights), kktResidual: 0, relaxations: [] };
    }
    default:
      return solveWithRoom(problem, profile, limits, solver);
  }
}

type RiskProfile = Exclude<LongOnlyProfile, "equal_weight" | "hrp" | "herc">;

/** Solves over the assets that can have a weight at all: the interior of the limits is theirs. */
function solveWithRoom(
  problem: AllocationProblem,
  profile: RiskProfile,
  limits: WeightLimits,
  solver: QpSolver,
): ProfileSolution | undefined {
  const assets = assetsWithRoom(limits);
  const excess = Float64Array.from(assets, (i) => problem.mu[i] - problem.riskFreeRate);
  const room: WeightLimits = {
    n: assets.length,
    lower: Float64Array.from(assets, (i) => limits.lower[i]),
    upper: Float64Array.from(assets, (i) => limits.upper[i]),
    labels: Int32Array.from(assets, (i) => limits.labels[i]),
    caps: limits.caps,
  };
  const solution = solveWithRidge(
    submatrix(problem.covariance, assets),
    (covariance) =>
      profile === "risk_parity"
        ? withObjective(
          riskParity(covariance, room),
          (w) => riskParityObjective(covariance, w),
        )
        : solveRatio(profile === "max_sharpe" ? excess : volatilities(covariance), {
          covariance,
          limits: room,
          solver,
        }),
  );
  if (solution === undefined || assets.length === limits.n) return solution;
  const weights = new Float64Array(limits.n);
  assets.forEach((i, k) => weights[i] = solution.weights[k]);
  const dropped = profile === "risk_parity" ? ["assets_without_room"] : [];
  return { ...solution, weights, relaxations: [...dropped, ...solution.relaxations] };
}

/** The highest ratio of a linear form to volatility. */
function solveRatio(
  excess: Float64Array,
  { covariance, limits, solver }: {
    readonly covariance: Matrix;
    readonly limits: WeightLimits;
    readonly solver: QpSolver;
  },
): ProfileSolution | undefined {
  const found = maxSharpe(excess, covariance, limits, solver);
  if (found.status === "solved") {
    return withObjective(found, (w) => dot(excess, w) / Math.sqrt(variance(covariance, w)));
  }
  if (found.status === "failed") return undefined;
  const set = portfolioSet({ limits, net: { lower: 1, upper: 1 }, grossLimit: Infinity });
  const safest = minVariance(covariance, set, 0, solver);
  return safest && { ...safest, relaxations: [found.status] };
}

function withObjective(
  certified: CertifiedWeights | undefined,
  objectiveOf: (weights: Float64Array) => number,
): ProfileSolution | undefined {
  if (certified === undefined || !(certified.kktResidual <= ACCEPTABLE_RESIDUAL)) return undefined;
  const { weights, kktResidual } = certified;
  return { weights, kktResidual, objective: objectiveOf(weights), relaxations: [] };
}

/** √Σᵢᵢ. */
export function volatilities({ rows: n, data }: Matrix): Float64Array {
  return Float64Array.from({ length: n }, (_, i) => Math.sqrt(data[i * n + i]));
}

function variance(covariance: Matrix, weights: Float64Array): number {
  return Math.max(0, dot(multiply(covariance, weights), weights));
}
