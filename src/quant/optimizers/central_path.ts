import type { Matrix } from "../matrix.ts";
import { choleskyFactor, choleskySolve } from "../estimators/cholesky.ts";
import { addRow, addRowProducts, type ConeRow, limitCone, rowValue } from "./cone_rows.ts";
import { interiorPoint } from "./interior_point.ts";
import { dot, meanDiagonal, multiply } from "./quadratic_form.ts";
import type { WeightLimits } from "./weight_limits.ts";

/** One term −weight·ln(row) of an objective; the weights of all terms sum to 1. */
export interface LogTerm {
  /** What the logarithm is of: positive at the solution. */
  readonly row: ConeRow;
  /** Positive. */
  readonly weight: number;
}

const MAX_ITERATIONS = 100;
/** Complementarity at which limits count as met exactly; yᵀΣy is 1 at the solution. */
const COMPLEMENTARITY_TOLERANCE = 1e-15;
/** Square of the Newton step, in the norm of the Hessian, that changes nothing that can be seen. */
const STEP_TOLERANCE = 1e-22;
/** What is left of the limits' complementarity after a step, when the one before could be taken in full (near the
 * path) and when it was cut short at the boundary. */
const FULL_STEP_REDUCTION = 0.01;
const CUT_STEP_REDUCTION = 0.1;
/** Share of the way to the boundary that a step may go. */
const BOUNDARY_SHARE = 0.99;

/** The portfolio w = y/Σy of min ½yᵀΣy − Σ weight·ln(row(y)) over the cone of multiples y = κ·w of portfolios within
 * feasible limits, by a primal-dual interior-point method. Minimising over κ leaves ½·ln wᵀΣw − Σ weight·ln(row(w)),
 * so that the term decides the portfolio: ln Σy is minimum variance, ln eᵀy maximum Sharpe ratio, (1/n)·Σ ln yᵢ risk
 * parity.
 * @param limits under which every asset has room (see `assetsWithRoom`)
 * @param towards a portfolio within the limits at which every term is defined: the start is moved towards it where
 * some term is not defined at an interior point
 * @returns raw weights, to be certified by the caller; `undefined` when the steps break down
 * Source: Boyd, Vandenberghe (2004), "Convex optimization", section 11.7, with the logarithms as further barriers
 * whose parameters stay as they are while that of the limits goes to zero. */
export function followCentralPath(
  covariance: Matrix,
  limits: WeightLimits,
  terms: readonly LogTerm[],
  towards?: Float64Array,
): Float64Array | undefined {
  const { n } = limits;
  const scale = meanDiagonal(covariance);
  const sigma: Matrix = { rows: n, cols: n, data: covariance.data.map((value) => value / scale) };
  const interior = interiorPoint(limits);
  const cone = limitCone(limits, interior);
  const rows = [...terms.map(({ row }) => row), ...cone.inequalities];
  const start = interior.weights.slice();
  if (towards !== undefined) defineTerms(terms, start, towards);
  const path: Path = { sigma, rows, terms, equalities: cone.equalities };
  const state = initialState(path, start);
  let size = 0;
  for (let iteration = 0; iteration < MAX_ITERATIONS; iteration++) {
    const gap = limitComplementarity(path, state);
    const reduction = size === 1 ? FULL_STEP_REDUCTION : CUT_STEP_REDUCTION;
    const targets = targetsOf(path, gap > COMPLEMENTARITY_TOLERANCE ? reduction * gap : gap);
    const step = newtonStep(path, state, targets);
    if (step === undefined) break;
    size = advance(path, state, step.dy, targets);
    if (gap <= COMPLEMENTARITY_TOLERANCE && size === 1 && step.decrement <= STEP_TOLERANCE) break;
  }
  const total = sum(state.y);
  const weights = state.y.map((value) => value / total);
  return weights.every(Number.isFinite) ? weights : undefined;
}

/** All that stays the same along the path; the terms' rows come first. */
interface Path {
  readonly sigma: Matrix;
  readonly rows: readonly ConeRow[];
  readonly terms: readonly LogTerm[];
  readonly equalities: readonly ConeRow[];
}

/** y, and the value and the multiplier of each row: their product is the term's weight at the solution, or 0. */
interface PathState {
  readonly y: Float64Array;
  readonly values: Float64Array;
  readonly multipliers: Float64Array;
}

/** Moves weights halfway to another portfolio's value of each term that is not positive. */
function defineTerms(
  terms: readonly LogTerm[],
  weights: Float64Array,
  towards: Float64Array,
): void {
  for (const { row } of terms) {
    const here = rowValue(row, weights, 1), there = rowValue(row, towards, 1);
    if (here > 0) continue;
    const way = (0.5 * there - here) / (there - here);
    for (let i = 0; i < weights.length; i++) weights[i] += way * (towards[i] - weights[i]);
  }
}

/** The multiple of the start with yᵀΣy = 1, as at every solution. */
function initialState({ sigma, rows, terms }: Path, start: Float64Array): PathState {
  const variance = dot(multiply(sigma, start), start);
  const multiple = variance > 0 ? 1 / Math.sqrt(variance) : 1;
  const y = start.map((weight) => weight * multiple);
  const total = sum(y);
  const values = Float64Array.from(rows, (row) => rowValue(row, y, total));
  const multipliers = values.map((value, k) => (terms[k]?.weight ?? 1 / y.length) / value);
  return { y, values, multipliers };
}

/** The mean product of value and multiplier over the limits. */
function limitComplementarity({ rows, terms }: Path, { values, multipliers }: PathState): number {
  let gap = 0;
  for (let k = terms.length; k < rows.length; k++) gap += values[k] * multipliers[k];
  return gap / (rows.length - terms.length);
}

function targetsOf({ rows, terms }: Path, tau: number): Float64Array {
  return Float64Array.from(rows, (_, k) => terms[k]?.weight ?? tau);
}

interface NewtonStep {
  readonly dy: Float64Array;
  /** dyᵀH dy, with H the Hessian of the step. */
  readonly decrement: number;
}

function newtonStep(
  { sigma, rows, equalities }: Path,
  { y, values, multipliers }: PathState,
  targets: Float64Array,
): NewtonStep | undefined {
  const n = y.length;
  const factor = sigma.data.slice();
  addRowProducts(factor, n, rows, values.map((value, k) => multipliers[k] / value));
  const descent = multiply(sigma, y).map((value) => -value);
  rows.forEach((row, k) => addRow(descent, row, targets[k] / values[k]));
  if (!choleskyFactor(factor, n)) return undefined;
  choleskySolve(factor, n, descent);
  if (!keepEqualities(factor, equalities, descent)) return undefined;
  return { dy: descent, decrement: decrementOf(factor, n, descent) };
}

/** Moves a step into the null space of the equalities, measured by the Hessian: dy − H⁻¹Aᵀ(AH⁻¹Aᵀ)⁻¹A·dy.
 * @returns false when these are dependent to working precision */
function keepEqualities(
  factor: Float64Array,
  rows: readonly ConeRow[],
  dy: Float64Array,
): boolean {
  const m = rows.length, n = dy.length;
  const solved = rows.map((row) => {
    const column = new Float64Array(n);
    addRow(column, row, 1);
    choleskySolve(factor, n, column);
    return column;
  });
  const schur = new Float64Array(m * m);
  for (let c = 0; c < m; c++) {
    const total = sum(solved[c]);
    for (let r = 0; r < m; r++) schur[r * m + c] = rowValue(rows[r], solved[c], total);
  }
  if (!choleskyFactor(schur, m)) return false;
  const total = sum(dy);
  const nu = Float64Array.from(rows, (row) => rowValue(row, dy, total));
  choleskySolve(schur, m, nu);
  for (let r = 0; r < m; r++) {
    for (let i = 0; i < n; i++) dy[i] -= nu[r] * solved[r][i];
  }
  return true;
}

/** ‖Lᵀdy‖². */
function decrementOf(factor: Float64Array, n: number, dy: Float64Array): number {
  let decrement = 0;
  for (let j = 0; j < n; j++) {
    let value = 0;
    for (let i = j; i < n; i++) value += factor[i * n + j] * dy[i];
    decrement += value * value;
  }
  return decrement;
}

/** Takes the longest part of a step that keeps everything positive, in place.
 * @returns that part, at most 1 */
function advance(
  { rows }: Path,
  { y, values, multipliers }: PathState,
  dy: Float64Array,
  targets: Float64Array,
): number {
  const total = sum(dy);
  const dValues = Float64Array.from(rows, (row) => rowValue(row, dy, total));
  const dMultipliers = multipliers.map((multiplier, k) =>
    (targets[k] - multiplier * dValues[k]) / values[k] - multiplier
  );
  const size = Math.min(longest(values, dValues), longest(multipliers, dMultipliers));
  move(y, dy, size);
  move(values, dValues, size);
  move(multipliers, dMultipliers, size);
  return size;
}

function longest(values: Float64Array, steps: Float64Array): number {
  let size = 1;
  for (let i = 0; i < values.length; i++) {
    if (steps[i] < 0) size = Math.min(size, -BOUNDARY_SHARE * values[i] / steps[i]);
  }
  return size;
}

function move(values: Float64Array, steps: Float64Array, size: number): void {
  for (let i = 0; i < values.length; i++) values[i] += size * steps[i];
}

function sum(values: Float64Array): number {
  let total = 0;
  for (const value of values) total += value;
  return total;
}
