import type { Matrix } from "../matrix.ts";
import { distanceTo, dualityGap, type PortfolioSet } from "./portfolio_program.ts";
import type { QpSolver } from "./qp_solver.ts";
import { dot, meanDiagonal, multiply } from "./quadratic_form.ts";
import { SetProgram } from "./set_program.ts";
import { type ProvenWeights, solveProgram } from "./solve_program.ts";

/** Weights with the value of the objective that they were chosen for. */
export interface ConvexSolution {
  readonly weights: Float64Array;
  readonly objective: number;
  /** As of {@linkcode Allocation}. */
  readonly kktResidual: number;
}

/** Gaps are measured against no less than this share of the mean variance: nearer to a variance of zero, which a
 * perfect hedge has, a relative gap would be one of rounding. */
const NEGLIGIBLE_VARIANCE = 1e-6;
/** A portfolio whose variance is below this share of the mean one has a ratio of rounding. */
const RISKLESS_VARIANCE = 1e-9;
const RATIO_ITERATIONS = 60;
const RATIO_TOLERANCE = 1e-12;
/** Residual at which a ratio is exact enough to stop looking. */
const RATIO_RESIDUAL = 1e-9;

/** The portfolio of least wᵀΣw + γ‖w‖² + Σ cost·|w − centre| within a feasible set. Where a singular Σ leaves
 * several, one of them.
 * @returns `undefined` when no way of solving came near
 * Source: Markowitz (1952), "Portfolio selection"; γ: DeMiguel, Garlappi, Nogales, Uppal (2009), "A generalized
 * approach to portfolio optimization". */
export function minVariance(
  covariance: Matrix,
  set: PortfolioSet,
  l2Penalty: number,
  solver: QpSolver,
): ConvexSolution | undefined {
  const penalised = withPenalty(covariance, l2Penalty);
  const negligible = NEGLIGIBLE_VARIANCE * meanDiagonal(covariance);
  const objective = (w: Float64Array) => varianceOf(penalised, w) + costOf(set, w);
  const proven = solveProgram(
    { ...set, hessian: scaled(penalised, 2), linear: new Float64Array(covariance.rows) },
    solver,
    (w) => Math.max(objective(w), negligible),
  );
  return proven && withObjective(proven, objective);
}

/** The portfolio of most μᵀw − ½λ·wᵀΣw − γ‖w‖² − Σ cost·|w − centre| within a feasible set.
 * @returns `undefined` when no way of solving came near
 * Source: Markowitz (1952), "Portfolio selection". */
export function meanVariance(
  mu: Float64Array,
  covariance: Matrix,
  set: PortfolioSet,
  { riskAversion, l2Penalty }: { readonly riskAversion: number; readonly l2Penalty: number },
  solver: QpSolver,
): ConvexSolution | undefined {
  const risk = withPenalty(scaled(covariance, riskAversion / 2), l2Penalty);
  const negligible = NEGLIGIBLE_VARIANCE * meanDiagonal(risk);
  const proven = solveProgram(
    { ...set, hessian: scaled(risk, 2), linear: mu.map((value) => -value) },
    solver,
    (w) => Math.max(Math.abs(dot(mu, w)) + varianceOf(risk, w), negligible),
  );
  return proven &&
    withObjective(proven, (w) => dot(mu, w) - varianceOf(risk, w) - costOf(set, w));
}

/** What came of the search for the highest ratio. */
export type BestRatio =
  | ({ readonly status: "solved" } & ConvexSolution)
  /** Every portfolio's ratio is zero or negative, where more risk looks better. */
  | { readonly status: "no_positive_excess_return" }
  /** Nothing found, or a portfolio with next to no variance, whose ratio is rounding. */
  | { readonly status: "failed" };

/** The portfolio of highest (eᵀw − Σ cost·|w − centre|) / √(wᵀΣw) within any feasible set. At the optimum the
 * mean–variance portfolio of risk aversion λ has λ = earned / variance, and λ − earned / variance has no other root:
 * found by regula falsi (the Illinois variant), a program a step. */
export function bestRatio(
  excess: Float64Array,
  covariance: Matrix,
  set: PortfolioSet,
  solver: QpSolver,
): BestRatio {
  const riskless = RISKLESS_VARIANCE * meanDiagonal(covariance);
  const linear = excess.map((value) => -value);
  const at = (lambda: number): RatioPoint | undefined => {
    const proven = solveProgram(
      { ...set, hessian: scaled(covariance, lambda), linear },
      solver,
      (w) => Math.max(Math.abs(dot(excess, w)), lambda * varianceOf(covariance, w), riskless),
    );
    return proven && ratioPoint(proven, excess, covariance, set, lambda);
  };
  const richest = solver.solve(new SetProgram(set, linear).program())?.x.slice(0, linear.length);
  if (richest !== undefined && !(dot(excess, richest) > costOf(set, richest))) {
    return { status: "no_positive_excess_return" };
  }
  const safest = minVariance(covariance, set, 0, solver);
  if (safest === undefined) return { status: "failed" };
  let high = 4 * Math.abs(dot(excess, safest.weights)) /
    Math.max(varianceOf(covariance, safest.weights), riskless);
  if (!(high > 0)) {
    high = excess.reduce((most, e) => Math.max(most, Math.abs(e)), 0) / meanDiagonal(covariance);
  }
  if (!(high > 0)) return { status: "no_positive_excess_return" };
  let above = at(high);
  for (let k = 0; k < RATIO_ITERATIONS && above !== undefined && above.excessAversion < 0; k++) {
    above = at(high *= 8);
  }
  let low = high / 8, below = at(low);
  for (let k = 0; k < RATIO_ITERATIONS && below !== undefined && below.excessAversion > 0; k++) {
    if (low < high * 1e-12) return { status: "no_positive_excess_return" };
    [high, above] = [low, below];
    below = at(low /= 8);
  }
  let best = below, fLow = below?.excessAversion ?? 0, fHigh = above?.excessAversion ?? 0;
  for (let k = 0; k < RATIO_ITERATIONS; k++) {
    if (best === undefined) return { status: "failed" };
    if (best.kktResidual <= RATIO_RESIDUAL || high - low <= RATIO_TOLERANCE * high) break;
    const guess = (low * fHigh - high * fLow) / (fHigh - fLow);
    const lambda = guess > low && guess < high ? guess : (low + high) / 2;
    const point = at(lambda);
    if (point === undefined) break;
    if (point.kktResidual < best.kktResidual) best = point;
    // An end that stays twice has its value halved, or it would stay for ever.
    if (point.excessAversion < 0) {
      [low, fLow, fHigh] = [lambda, point.excessAversion, fHigh / 2];
    } else {
      [high, fHigh, fLow] = [lambda, point.excessAversion, fLow / 2];
    }
  }
  if (best === undefined) return { status: "failed" };
  if (!(best.earned > 0)) return { status: "no_positive_excess_return" };
  if (!(varianceOf(covariance, best.weights) > riskless)) return { status: "failed" };
  return { status: "solved", ...best };
}

interface RatioPoint extends ConvexSolution {
  readonly earned: number;
  /** λ less earned / variance: negative below the root. */
  readonly excessAversion: number;
}

function ratioPoint(
  { weights, duals, kktResidual }: ProvenWeights,
  excess: Float64Array,
  covariance: Matrix,
  set: PortfolioSet,
  lambda: number,
): RatioPoint {
  const marginal = multiply(covariance, weights);
  const variance = Math.max(dot(marginal, weights), Number.MIN_VALUE);
  const earned = dot(excess, weights) - costOf(set, weights);
  const descent = marginal.map((value, i) => earned / variance * value - excess[i]);
  const gap = dualityGap(descent, weights, set, duals) / Math.abs(earned);
  return {
    weights,
    earned,
    objective: earned / Math.sqrt(variance),
    kktResidual: Number.isFinite(gap) ? Math.max(gap, kktResidual) : Infinity,
    excessAversion: lambda - earned / variance,
  };
}

function withObjective(
  { weights, kktResidual }: ProvenWeights,
  objectiveOf: (weights: Float64Array) => number,
): ConvexSolution {
  return { weights, kktResidual, objective: objectiveOf(weights) };
}

/** Σ cost·|w − centre|. */
function costOf({ distances }: PortfolioSet, weights: Float64Array): number {
  return distances.reduce(
    (sum, { centre, cost }) => cost === 0 ? sum : sum + cost * distanceTo(centre, weights),
    0,
  );
}

function varianceOf(covariance: Matrix, weights: Float64Array): number {
  return Math.max(0, dot(multiply(covariance, weights), weights));
}

function scaled({ rows, cols, data }: Matrix, factor: number): Matrix {
  return { rows, cols, data: data.map((value) => value * factor) };
}

function withPenalty(covariance: Matrix, l2Penalty: number): Matrix {
  if (l2Penalty === 0) return covariance;
  const { rows: n, cols } = covariance;
  const data = covariance.data.slice();
  for (let i = 0; i < n; i++) data[i * n + i] += l2Penalty;
  return { rows: n, cols, data };
}
