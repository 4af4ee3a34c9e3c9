import type { Matrix } from "../matrix.ts";
import { followCentralPath } from "./central_path.ts";
import { type CertifiedWeights, certify } from "./certified_qp.ts";
import { firstOrderGap } from "./linear_oracle.ts";
import { dot, multiply } from "./quadratic_form.ts";
import { limitViolation, type WeightLimits } from "./weight_limits.ts";

const MAX_SWEEPS = 500;
/** Relative change of every coordinate below which a sweep changes nothing that can be seen. */
const SWEEP_TOLERANCE = 1e-13;

/** The risk parity portfolio within feasible limits: min ½yᵀΣy − (1/n)·Σ ln yᵢ over the cone of multiples y = κ·w
 * of feasible portfolios; w = y/Σy. Where no limit binds, every asset contributes the same share of the variance.
 * First without limits, by cyclical coordinate descent; that is the answer where it keeps them.
 * @param limits under which every asset can have a positive weight (see `assetsWithRoom`)
 * @returns `undefined` when it does not converge: some portfolio has next to no variance, and y grows without bound
 * Source: Maillard, Roncalli, Teïletche (2010), "The properties of equally weighted risk contribution portfolios";
 * descent: Griveau-Billion, Richard, Roncalli (2013), "A fast algorithm for computing high-dimensional risk parity
 * portfolios"; limits as a cone: Richard, Roncalli (2019), "Constrained risk budgeting portfolios". */
export function riskParity(
  covariance: Matrix,
  limits: WeightLimits,
): CertifiedWeights | undefined {
  const gapOf = (w: Float64Array) => firstOrderGap(gradient(covariance, w), w, limits);
  const unlimited = descend(covariance);
  if (unlimited !== undefined && limitViolation(limits, unlimited) <= 1e-12) {
    const certified = certify(limits, unlimited, gapOf);
    if (certified.kktResidual <= 1e-10) return certified;
  }
  const terms = Array.from({ length: limits.n }, (_, i) => ({
    row: { indices: [i], values: [1], share: 0 },
    weight: 1 / limits.n,
  }));
  const raw = followCentralPath(covariance, limits, terms);
  return raw && certify(limits, raw, gapOf);
}

/** Each coordinate in turn to the root of yᵢ·(Σy)ᵢ = 1/n, a quadratic equation in it, until a sweep moves none.
 * @returns weights with sum 1; `undefined` when the sweeps do not settle */
function descend({ rows: n, data }: Matrix): Float64Array | undefined {
  const budget = 1 / n;
  const y = new Float64Array(n);
  for (let i = 0; i < n; i++) {
    const variance = data[i * n + i];
    if (!(variance > 0)) return undefined;
    y[i] = Math.sqrt(budget / variance);
  }
  const marginal = multiply({ rows: n, cols: n, data }, y);
  for (let sweep = 0; sweep < MAX_SWEEPS; sweep++) {
    let largest = 0;
    for (let i = 0; i < n; i++) {
      const row = i * n, variance = data[row + i];
      const others = marginal[i] - variance * y[i];
      const root = Math.sqrt(others * others + 4 * variance * budget);
      // Of the two forms of the root, the one that subtracts no near equals.
      const next = others > 0 ? 2 * budget / (others + root) : (root - others) / (2 * variance);
      const change = next - y[i];
      if (change === 0) continue;
      y[i] = next;
      for (let j = 0; j < n; j++) marginal[j] += change * data[row + j];
      largest = Math.max(largest, Math.abs(change) / next);
    }
    if (largest <= SWEEP_TOLERANCE) {
      const total = y.reduce((sum, value) => sum + value, 0);
      const weights = y.map((value) => value / total);
      return weights.every(Number.isFinite) ? weights : undefined;
    }
  }
  return undefined;
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
