import { choleskyFactor, choleskySolve } from "../estimators/cholesky.ts";
import {
  addForm,
  addOffsets,
  type Form,
  formValue,
  gradientAt,
  inequalityValues,
  type Layout,
  transposed,
} from "./program_layout.ts";
import { dot } from "./quadratic_form.ts";

/** Added to the diagonals that are factored, relative to a mean of 1. */
const REGULARIZATION = 1e-13;

/** A point of the method, or a step of it: x, and slacks and multipliers of the inequalities. */
export interface Iterate {
  readonly x: Float64Array;
  /** Multipliers of the equalities. */
  readonly y: Float64Array;
  readonly slacks: Float64Array;
  readonly multipliers: Float64Array;
}

/** How far an iterate is from its equations. */
export interface Residuals {
  readonly dual: Float64Array;
  readonly primal: Float64Array;
  readonly equality: Float64Array;
  readonly worst: number;
  /** What gaps are measured against. */
  readonly size: number;
}

/** Measures an iterate. */
export function residualsOf(layout: Layout, { x, y, slacks, multipliers }: Iterate): Residuals {
  const gradient = gradientAt(layout, x);
  const pull = transposed(layout, multipliers);
  const dual = gradient.map((value, k) => value - pull[k]);
  layout.equalities.forEach((form, r) => addForm(dual, form, y[r]));
  const primal = inequalityValues(layout, x);
  addOffsets(layout, primal);
  for (let j = 0; j < primal.length; j++) primal[j] -= slacks[j];
  const equality = Float64Array.from(
    layout.equalities,
    (form) => formValue(form, x) - form.target,
  );
  const size = Math.abs(dot(gradient, x)) + 1e-9;
  const largest = (values: Float64Array) =>
    values.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  return {
    dual,
    primal,
    equality,
    size,
    worst: Math.max(largest(dual), largest(primal), largest(equality)),
  };
}

/** The Newton matrix of an iterate, factored: for as many right-hand sides as needed. */
export interface System {
  readonly pulls: Float64Array;
  readonly factor: Float64Array;
  /** H⁻¹ times each equality and global form. */
  readonly solved: readonly Float64Array[];
  readonly schur: Float64Array;
}

/** Factors the Newton matrix; `undefined` when it is not positive definite to working precision. */
export function factorSystem(layout: Layout, { slacks, multipliers }: Iterate): System | undefined {
  const { n, program, scale, globals, equalities, local } = layout;
  const pulls = slacks.map((slack, j) => multipliers[j] / slack);
  const matrix = program.hessian.data.map((value) => value / scale);
  for (let i = 0; i < n; i++) {
    let diagonal = pulls[i] + pulls[n + i] + REGULARIZATION;
    for (let d = 0; d < program.distances.length; d++) {
      const at = 2 * n * (d + 1);
      const a = pulls[at + i], b = pulls[at + n + i];
      diagonal += 4 * a * b / (a + b);
    }
    matrix[i * n + i] += diagonal;
  }
  if (!choleskyFactor(matrix, n)) return undefined;
  const forms: readonly Form[] = [...equalities, ...globals];
  const solved = forms.map((form) => {
    const column = new Float64Array(layout.cost.length);
    addForm(column, form, 1);
    solveLocal(layout, pulls, matrix, column);
    return column;
  });
  const m = forms.length;
  const schur = new Float64Array(m * m);
  for (let r = 0; r < m; r++) {
    for (let c = 0; c < m; c++) schur[r * m + c] = formValue(forms[r], solved[c]);
    const g = r - equalities.length;
    const own = schur[r * m + r];
    schur[r * m + r] += g < 0 ? REGULARIZATION * own : 1 / pulls[local + g];
  }
  return choleskyFactor(schur, m) ? { pulls, factor: matrix, solved, schur } : undefined;
}

/** Solves with the Hessian of the objective and the local inequalities, in place. */
function solveLocal(
  { n, program }: Layout,
  pulls: Float64Array,
  factor: Float64Array,
  x: Float64Array,
): void {
  const K = program.distances.length;
  const w = x.slice(0, n);
  for (let d = 0; d < K; d++) {
    const at = 2 * n * (d + 1), t = n * (d + 1);
    for (let i = 0; i < n; i++) {
      const a = pulls[at + i], b = pulls[at + n + i];
      w[i] -= (b - a) / (a + b) * x[t + i];
    }
  }
  choleskySolve(factor, n, w);
  x.set(w);
  for (let d = 0; d < K; d++) {
    const at = 2 * n * (d + 1), t = n * (d + 1);
    for (let i = 0; i < n; i++) {
      const a = pulls[at + i], b = pulls[at + n + i];
      x[t + i] = (x[t + i] - (b - a) * w[i]) / (a + b);
    }
  }
}

/** The Newton step towards slack × multiplier = target. */
export function direction(
  layout: Layout,
  { slacks, multipliers }: Iterate,
  { dual, primal, equality }: Residuals,
  { pulls, factor, solved, schur }: System,
  targets: Float64Array,
): Iterate {
  const { globals, equalities, local } = layout;
  const pushed = targets.map((target, j) =>
    target / slacks[j] - multipliers[j] - pulls[j] * primal[j]
  );
  const force = transposed(layout, pushed);
  for (let k = 0; k < force.length; k++) force[k] -= dual[k];
  const x = force.slice();
  solveLocal(layout, pulls, factor, x);
  const m = solved.length, e = equalities.length;
  const v = new Float64Array(m);
  for (let r = 0; r < m; r++) {
    v[r] = r < e ? formValue(equalities[r], x) + equality[r] : formValue(globals[r - e], x);
  }
  choleskySolve(schur, m, v);
  for (let r = 0; r < m; r++) {
    move(x, solved[r], -v[r]);
    addForm(force, r < e ? equalities[r] : globals[r - e], -v[r]);
  }
  const change = inequalityValues(layout, x);
  keepDigits(layout, pulls, force, x, change);
  const dSlacks = change.map((value, j) => value + primal[j]);
  // Of a global inequality the pull times the change is v itself, without the cancellation.
  for (let g = 0; g < globals.length; g++) {
    dSlacks[local + g] = v[e + g] / pulls[local + g] + primal[local + g];
  }
  const dMultipliers = dSlacks.map((ds, j) =>
    (targets[j] - multipliers[j] * ds) / slacks[j] - multipliers[j]
  );
  return { x, y: v.subarray(0, e), slacks: dSlacks, multipliers: dMultipliers };
}

/** Near a kink t − w and t + w are differences of nearly equal numbers: taken from the force on t instead. */
function keepDigits(
  { n, program }: Layout,
  pulls: Float64Array,
  force: Float64Array,
  x: Float64Array,
  change: Float64Array,
): void {
  for (let d = 0; d < program.distances.length; d++) {
    const at = 2 * n * (d + 1), t = n * (d + 1);
    for (let i = 0; i < n; i++) {
      const a = pulls[at + i], b = pulls[at + n + i];
      change[at + i] = (force[t + i] - 2 * b * x[i]) / (a + b);
      change[at + n + i] = (force[t + i] + 2 * a * x[i]) / (a + b);
    }
  }
}

/** Adds size × steps to values, in place. */
export function move(values: Float64Array, steps: Float64Array, size: number): void {
  for (let k = 0; k < values.length; k++) values[k] += size * steps[k];
}
