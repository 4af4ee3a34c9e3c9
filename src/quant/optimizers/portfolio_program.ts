import type { Matrix } from "../matrix.ts";
import type { LinearRow } from "./qp_solver.ts";

/** cost·Σ|w − centre|, and at most `limit` of Σ|w − centre|: trades when the centre is what is held, gross exposure
 * when it is zero. */
export interface DistanceTerm {
  /** n weights. */
  readonly centre: Float64Array;
  /** >= 0, in units of the objective for each unit of weight. */
  readonly cost: number;
  /** >= 0; Infinity for none. */
  readonly limit: number;
}

/** The portfolios to choose from, long or short: lower <= w <= upper, linear rows, and distances. */
export interface PortfolioSet {
  /** n smallest weights, finite. */
  readonly lower: Float64Array;
  /** n largest weights, finite. */
  readonly upper: Float64Array;
  /** Budget, groups and betas over the n weights. */
  readonly rows: readonly LinearRow[];
  /** Trades and gross exposure. */
  readonly distances: readonly DistanceTerm[];
  /** Puts weights that are in the set but for rounding right to the last bits; what that costs is measured. */
  readonly clean?: (weights: Float64Array) => Float64Array;
}

/** Minimise ½wᵀQw + cᵀw + Σ cost·|w − centre| over a {@linkcode PortfolioSet}. */
export interface PortfolioProgram extends PortfolioSet {
  /** Q, n × n, positive semidefinite. */
  readonly hessian: Matrix;
  /** c. */
  readonly linear: Float64Array;
}

/** Lagrange multipliers of a {@linkcode PortfolioSet}. Those of the bounds follow from them. */
export interface PortfolioDuals {
  /** One a row: positive where its lower side holds the objective up, negative where its upper one does. */
  readonly rows: Float64Array;
  /** One a distance: >= 0, of its limit. */
  readonly distances: Float64Array;
}

/** By how much weights break a set: 0 when they are in it. */
export function setViolation(set: PortfolioSet, weights: Float64Array): number {
  let violation = 0;
  for (let i = 0; i < weights.length; i++) {
    violation = Math.max(violation, set.lower[i] - weights[i], weights[i] - set.upper[i]);
  }
  for (const row of set.rows) {
    const value = valueOfRow(row, weights);
    violation = Math.max(violation, row.lower - value, value - row.upper);
  }
  for (const { centre, limit } of set.distances) {
    violation = Math.max(violation, distanceTo(centre, weights) - limit);
  }
  return violation;
}

/** Σ values·w[indices]. */
function valueOfRow({ indices, values }: LinearRow, weights: Float64Array): number {
  let value = 0;
  for (let k = 0; k < indices.length; k++) value += values[k] * weights[indices[k]];
  return value;
}

/** Σ|w − centre|. */
export function distanceTo(centre: Float64Array, weights: Float64Array): number {
  let distance = 0;
  for (let i = 0; i < weights.length; i++) distance += Math.abs(weights[i] - centre[i]);
  return distance;
}

/** gᵀw + Σ cost·|w − centre| less a lower bound of it over the set: an upper bound on the first-order gap of w under
 * an objective with gradient g, whatever the multipliers, and zero for an optimum with its own.
 *
 * The bound is the Lagrange dual function, which separates into assets, each piecewise linear between its bounds.
 * Source: Boyd, Vandenberghe (2004), "Convex optimization", section 5.1. */
export function dualityGap(
  gradient: Float64Array,
  weights: Float64Array,
  set: PortfolioSet,
  duals: PortfolioDuals,
): number {
  const { lower, upper, rows, distances } = set;
  const reduced = gradient.slice();
  let bound = 0;
  rows.forEach((row, r) => {
    const dual = duals.rows[r];
    if (dual === 0) return;
    bound += dual * (dual > 0 ? row.lower : row.upper);
    row.indices.forEach((i, k) => reduced[i] -= dual * row.values[k]);
  });
  const slopes = distances.map(({ cost }, d) => cost + duals.distances[d]);
  distances.forEach(({ limit }, d) => {
    if (duals.distances[d] > 0) bound -= duals.distances[d] * limit;
  });
  let value = 0;
  for (let i = 0; i < weights.length; i++) {
    const at = (weight: number): number => {
      let sum = reduced[i] * weight;
      for (let d = 0; d < distances.length; d++) {
        sum += slopes[d] * Math.abs(weight - distances[d].centre[i]);
      }
      return sum;
    };
    let least = Math.min(at(lower[i]), at(upper[i]));
    for (const { centre } of distances) {
      if (centre[i] > lower[i] && centre[i] < upper[i]) least = Math.min(least, at(centre[i]));
    }
    bound += least;
    value += gradient[i] * weights[i];
  }
  for (const { centre, cost } of distances) value += cost * distanceTo(centre, weights);
  return Math.max(0, value - bound);
}
