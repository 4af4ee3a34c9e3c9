import type { Matrix } from "../matrix.ts";
import { followCentralPath } from "./central_path.ts";
import { type CertifiedWeights, certify } from "./certified_qp.ts";
import { firstOrderGap } from "./linear_oracle.ts";
import { dot, multiply } from "./quadratic_form.ts";
import type { WeightLimits } from "./weight_limits.ts";

/** The risk parity portfolio within feasible limits: min ½yᵀΣy − (1/n)·Σ ln yᵢ over the cone of multiples y = κ·w
 * of feasible portfolios; w = y/Σy. Where no limit binds, every asset contributes the same share of the variance.
 * @param limits under which every asset can have a positive weight (see `assetsWithRoom`)
 * @returns `undefined` when it does not converge: some portfolio has next to no variance, and y grows without bound
 * Source: Maillard, Roncalli, Teïletche (2010), "The properties of equally weighted risk contribution portfolios";
 * limits as a cone: Richard, Roncalli (2019), "Constrained risk budgeting portfolios". */
export function riskParity(
  covariance: Matrix,
  limits: WeightLimits,
): CertifiedWeights | undefined {
  const terms = Array.from({ length: limits.n }, (_, i) => ({
    row: { indices: [i], values: [1], share: 0 },
    weight: 1 / limits.n,
  }));
  const raw = followCentralPath(covariance, limits, terms);
  return raw && certify(limits, raw, (w) => firstOrderGap(gradient(covariance, w), w, limits));
}

/** ½ + ½·ln wᵀΣw − (1/n)·Σ ln w: the objective at the best multiple of w. */
export function riskParityObjective(covariance: Matrix, weights: Float64Array): number {
  let logs = 0;
  for (const weight of weights) logs += Math.log(weight);
  const variance = dot(multiply(covariance, weights), weights);
  return 0.5 + 0.5 * Math.log(variance) - logs / weights.length;
}

/** Of the objective, which is in units of its own already: its gap is not divided by anything. */
function gradient(covariance: Matrix, weights: Float64Array): Float64Array {
  const marginal = multiply(covariance, weights);
  const variance = dot(marginal, weights);
  return marginal.map((value, i) => value / variance - 1 / (weights.length * weights[i]));
}
