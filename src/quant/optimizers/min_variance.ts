import type { Matrix } from "../matrix.ts";
import { followCentralPath } from "./central_path.ts";
import { type CertifiedWeights, solveCertified } from "./certified_qp.ts";
import { limitRows } from "./limit_rows.ts";
import { firstOrderGap } from "./linear_oracle.ts";
import type { QpSolver } from "./qp_solver.ts";
import { dot, meanDiagonal, multiply } from "./quadratic_form.ts";
import type { WeightLimits } from "./weight_limits.ts";

/** Gaps are measured against no less than this share of the mean variance: nearer to a variance of zero, which a
 * perfect hedge has, a relative gap would be one of rounding. */
const NEGLIGIBLE_VARIANCE = 1e-6;

/** The portfolio of least wᵀΣw within feasible limits. Where a singular Σ leaves several, one of them.
 * @param limits under which every asset has room (see `assetsWithRoom`)
 * @returns `undefined` when neither the solver nor the interior-point method finds one
 * Source: Markowitz (1952), "Portfolio selection". */
export function minVariance(
  covariance: Matrix,
  limits: WeightLimits,
  solver: QpSolver,
): CertifiedWeights | undefined {
  const negligible = NEGLIGIBLE_VARIANCE * meanDiagonal(covariance);
  return solveCertified(solver, limits, {
    program: {
      hessian: covariance,
      linear: new Float64Array(limits.n),
      lower: limits.lower,
      upper: limits.upper,
      rows: limitRows(limits),
    },
    weightsOf: (x) => x,
    fallback: () =>
      followCentralPath(covariance, limits, [
        { row: { indices: [], values: [], share: 1 }, weight: 1 },
      ]),
    gapOf: (weights) => {
      const marginal = multiply(covariance, weights);
      const variance = Math.max(dot(marginal, weights), negligible);
      return firstOrderGap(marginal, weights, limits) / variance;
    },
  });
}
