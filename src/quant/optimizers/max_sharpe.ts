import type { Matrix } from "../matrix.ts";
import { followCentralPath } from "./central_path.ts";
import { type CertifiedWeights, solveCertified } from "./certified_qp.ts";
import { bindingGroups } from "./binding_groups.ts";
import { firstOrderGap, minimiseLinear } from "./linear_oracle.ts";
import type { LinearRow, QpSolver } from "./qp_solver.ts";
import { dot, meanDiagonal, multiply } from "./quadratic_form.ts";
import type { WeightLimits } from "./weight_limits.ts";

/** A portfolio whose variance is below this share of the mean one has a ratio of rounding. */
const RISKLESS_VARIANCE = 1e-9;

/** What came of the search for the highest ratio. */
export type MaxSharpe =
  | ({ readonly status: "solved" } & CertifiedWeights)
  /** Every portfolio's ratio is zero or negative, where more risk looks better. */
  | { readonly status: "no_positive_excess_return" }
  /** Nothing found, or a portfolio with next to no variance, whose ratio is rounding. */
  | { readonly status: "failed" };

/** The portfolio of highest eᵀw / √(wᵀΣw), e the excess returns, within feasible limits: min yᵀΣy over
 * y = κ·w with eᵀy = 1, where each limit is scaled by κ = Σy; then w = y/κ.
 * @param limits under which every asset has room (see `assetsWithRoom`)
 * Source: Cornuejols, Tütüncü (2007), "Optimization methods in finance", section 8.2. */
export function maxSharpe(
  excessReturns: Float64Array,
  covariance: Matrix,
  limits: WeightLimits,
  solver: QpSolver,
): MaxSharpe {
  const { n } = limits;
  const richest = minimiseLinear(excessReturns.map((excess) => -excess), limits);
  const highestExcess = dot(excessReturns, richest);
  if (!(highestExcess > 0)) return { status: "no_positive_excess_return" };
  // In units of the highest excess return κ is at least 1, and seldom large.
  const excess = excessReturns.map((value) => value / highestExcess);
  const row = { indices: Array.from(excess.keys()), values: Array.from(excess), share: 0 };
  const certified = solveCertified(solver, limits, {
    program: homogeneousProgram(excess, covariance, limits),
    weightsOf: (x) => x.subarray(0, n).map((y) => y / x[n]),
    fallback: () => followCentralPath(covariance, limits, [{ row, weight: 1 }], richest),
    gapOf: (weights) => relativeGap(weights, excess, covariance, limits),
  });
  if (certified === undefined) return { status: "failed" };
  const variance = dot(multiply(covariance, certified.weights), certified.weights);
  const hasRisk = variance > RISKLESS_VARIANCE * meanDiagonal(covariance);
  return hasRisk ? { status: "solved", ...certified } : { status: "failed" };
}

/** The program over (y, κ). */
function homogeneousProgram(excess: Float64Array, covariance: Matrix, limits: WeightLimits) {
  const { n, lower, upper } = limits;
  const hessian = new Float64Array((n + 1) * (n + 1));
  for (let i = 0; i < n; i++) {
    hessian.set(covariance.data.subarray(i * n, (i + 1) * n), i * (n + 1));
  }
  const all = Array.from({ length: n }, (_, i) => i);
  const rows: LinearRow[] = [
    { indices: all, values: Array.from(excess), lower: 1, upper: 1 },
    { indices: [...all, n], values: [...all.map(() => 1), -1], lower: 0, upper: 0 },
  ];
  for (let i = 0; i < n; i++) {
    if (upper[i] < 1) rows.push(atMost([i], n, upper[i]));
    if (lower[i] > 0) {
      rows.push({ indices: [i, n], values: [1, -lower[i]], lower: 0, upper: Infinity });
    }
  }
  for (const { members, cap } of bindingGroups(limits)) rows.push(atMost(members, n, cap));
  return {
    hessian: { rows: n + 1, cols: n + 1, data: hessian },
    linear: new Float64Array(n + 1),
    lower: new Float64Array(n + 1),
    upper: new Float64Array(n + 1).fill(Infinity),
    rows,
  };
}

/** Σ y[members] <= share·κ. */
function atMost(members: readonly number[], kappa: number, share: number): LinearRow {
  return {
    indices: [...members, kappa],
    values: [...members.map(() => 1), -share],
    lower: -Infinity,
    upper: 0,
  };
}

/** The gap of the ratio's gradient e − (eᵀw / wᵀΣw)·Σw, relative to eᵀw. */
function relativeGap(
  weights: Float64Array,
  excess: Float64Array,
  covariance: Matrix,
  limits: WeightLimits,
): number {
  const marginal = multiply(covariance, weights);
  const earned = dot(excess, weights);
  const variance = dot(marginal, weights);
  if (!(earned > 0)) return Infinity;
  if (variance <= 0) return Infinity;
  const descent = marginal.map((value, i) => earned / variance * value - excess[i]);
  return firstOrderGap(descent, weights, limits) / earned;
}
