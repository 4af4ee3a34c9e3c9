import type { Matrix } from "../matrix.ts";
import { choleskyFactor, choleskySolve } from "../estimators/cholesky.ts";
import type { InteriorSolution } from "./interior_point_qp.ts";
import type { PortfolioDuals, PortfolioProgram } from "./portfolio_program.ts";
import { dot, meanDiagonal, multiply } from "./quadratic_form.ts";

/** On the diagonal of what is factored, relative to its mean; refinement takes it out again. */
const REGULARIZATION = 1e-12;
const REFINEMENTS = 3;

/** An active limit as an equality over the weights. */
interface ActiveRow {
  readonly coefficients: Float64Array;
  readonly target: number;
  readonly source: { readonly row: number } | { readonly distance: number };
}

/** Takes an interior solution to the vertex or face that it is near to: weights at their bounds and centres are put
 * there exactly, and the others solve the first-order conditions with the active limits as equalities.
 * @param activePull a limit counts as active when its pull is above this: those of active ones go to infinity, of
 * others to zero
 * @returns weights and multipliers that are better or, where the face was guessed wrongly, worse: for the caller to
 * measure; `undefined` when there is nothing to solve
 * Source: as in Stellato et al. (2020), "OSQP", section 5.2. */
export function polish(
  program: PortfolioProgram,
  solution: InteriorSolution,
  activePull: number,
): { readonly weights: Float64Array; readonly duals: PortfolioDuals } | undefined {
  const { hessian, linear, distances } = program;
  const n = linear.length;
  const weights = solution.weights.slice();
  const gradient = linear.slice();
  const free: number[] = [];
  for (let i = 0; i < n; i++) {
    const settled = settledWeight(program, solution, activePull, i);
    if (settled !== undefined) weights[i] = settled;
    else free.push(i);
    for (const { centre, cost } of distances) {
      gradient[i] += cost * Math.sign(solution.weights[i] - centre[i]);
    }
  }
  const rows = activeRows(program, solution, activePull, weights);
  const m = rows.length;
  const duals = new Float64Array(m);
  if (free.length > 0 && !solveFace(hessian, gradient, free, rows, weights, duals)) {
    return undefined;
  }
  const rowDuals = new Float64Array(program.rows.length);
  const limitDuals = new Float64Array(distances.length);
  rows.forEach(({ source }, r) => {
    if ("row" in source) rowDuals[source.row] = duals[r];
    else limitDuals[source.distance] = Math.max(0, -duals[r]);
  });
  return {
    weights,
    duals: free.length > 0 ? { rows: rowDuals, distances: limitDuals } : solution.duals,
  };
}

function settledWeight(
  { lower, upper, distances }: PortfolioProgram,
  { lowerPull, upperPull, kinkPull }: InteriorSolution,
  activePull: number,
  i: number,
): number | undefined {
  if (lowerPull[i] > activePull && lowerPull[i] >= upperPull[i]) return lower[i];
  if (upperPull[i] > activePull) return upper[i];
  const d = kinkPull.findIndex((pulls) => pulls[i] > activePull);
  return d < 0 ? undefined : Math.min(upper[i], Math.max(lower[i], distances[d].centre[i]));
}

function activeRows(
  { rows, distances }: PortfolioProgram,
  { weights, rowPull, limitPull, duals }: InteriorSolution,
  activePull: number,
  settled: Float64Array,
): ActiveRow[] {
  const n = weights.length;
  const active: ActiveRow[] = [];
  rows.forEach(({ indices, values, lower, upper }, r) => {
    if (!(rowPull[r] > activePull)) return;
    const coefficients = new Float64Array(n);
    indices.forEach((i, k) => coefficients[i] += values[k]);
    active.push({ coefficients, target: duals.rows[r] > 0 ? lower : upper, source: { row: r } });
  });
  distances.forEach(({ centre, limit }, d) => {
    if (!(limitPull[d] > activePull)) return;
    const coefficients = weights.map((weight, i) =>
      settled[i] === centre[i] ? 0 : Math.sign(weight - centre[i])
    );
    const target = limit + dot(coefficients, centre);
    active.push({ coefficients, target, source: { distance: d } });
  });
  return active;
}

/** Newton's step onto the face, repeated since it is regularised: Q·w + c = Σ dual·coefficients over the free
 * weights, coefficients·w = target. Changes weights and duals in place. */
function solveFace(
  hessian: Matrix,
  linear: Float64Array,
  free: readonly number[],
  rows: readonly ActiveRow[],
  weights: Float64Array,
  duals: Float64Array,
): boolean {
  const n = weights.length, f = free.length, m = rows.length;
  const scale = meanDiagonal(hessian);
  const factor = new Float64Array(f * f);
  for (let a = 0; a < f; a++) {
    for (let b = 0; b <= a; b++) factor[a * f + b] = hessian.data[free[a] * n + free[b]];
    factor[a * f + a] += REGULARIZATION * scale;
  }
  if (!choleskyFactor(factor, f)) return false;
  const columns = rows.map(({ coefficients }) => Float64Array.from(free, (i) => coefficients[i]));
  const solved = columns.map((column) => {
    const copy = column.slice();
    choleskySolve(factor, f, copy);
    return copy;
  });
  const schur = new Float64Array(m * m);
  let trace = 0;
  for (let r = 0; r < m; r++) {
    for (let c = 0; c < m; c++) schur[r * m + c] = dot(columns[r], solved[c]);
    trace += schur[r * m + r];
  }
  for (let r = 0; r < m; r++) schur[r * m + r] += REGULARIZATION * trace + Number.MIN_VALUE;
  if (m > 0 && !choleskyFactor(schur, m)) return false;
  for (let pass = 0; pass < REFINEMENTS; pass++) {
    const marginal = multiply(hessian, weights);
    const step = Float64Array.from(free, (i, a) => {
      let residual = -marginal[i] - linear[i];
      for (let r = 0; r < m; r++) residual += duals[r] * columns[r][a];
      return residual;
    });
    choleskySolve(factor, f, step);
    const change = Float64Array.from(
      rows,
      ({ coefficients, target }, r) => target - dot(coefficients, weights) - dot(columns[r], step),
    );
    choleskySolve(schur, m, change);
    for (let r = 0; r < m; r++) {
      duals[r] += change[r];
      for (let a = 0; a < f; a++) step[a] += change[r] * solved[r][a];
    }
    free.forEach((i, a) => weights[i] += step[a]);
  }
  return weights.every(Number.isFinite) && duals.every(Number.isFinite);
}
