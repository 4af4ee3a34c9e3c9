import { choleskyFactor, choleskySolve } from "../estimators/cholesky.ts";
import type { PortfolioDuals, PortfolioProgram } from "./portfolio_program.ts";
import { dot, meanDiagonal, multiply } from "./quadratic_form.ts";
import type { LinearRow } from "./qp_solver.ts";

/** Where an interior-point method stopped: near the optimum, and how strongly each limit holds there. */
export interface InteriorSolution {
  readonly weights: Float64Array;
  readonly duals: PortfolioDuals;
  /** For each asset, multiplier over slack of its lower and upper bound, in units of the mean diagonal of Q: large
   * where the bound is active. */
  readonly lowerPull: Float64Array;
  readonly upperPull: Float64Array;
  /** For each distance and asset, the same for its kink: large where the weight is the centre. */
  readonly kinkPull: readonly Float64Array[];
  /** For each row and distance limit, the same. */
  readonly rowPull: Float64Array;
  readonly limitPull: Float64Array;
}

const MAX_ITERATIONS = 80;
const GAP_TOLERANCE = 1e-14;
const RESIDUAL_TOLERANCE = 1e-12;
/** An error this many times the least one so far ends the search. */
const LOST = 1e6;
const BOUNDARY_SHARE = 0.995;
/** Added to the diagonals that are factored, relative to a mean of 1. */
const REGULARIZATION = 1e-13;

/** A sparse form over x = (w, t of distance 0, t of distance 1, …). */
interface Form {
  readonly indices: ArrayLike<number>;
  readonly values: ArrayLike<number>;
}

/** Constraints of a program with t >= |w − centre| written out, in this order: lower bounds, upper bounds, for each
 * distance t − w + c and t + w − c, then the global inequalities form·x + offset >= 0. */
interface Layout {
  readonly n: number;
  readonly program: PortfolioProgram;
  readonly scale: number;
  /** Gradient at x = 0, scaled. */
  readonly cost: Float64Array;
  readonly globals: readonly (Form & { readonly offset: number })[];
  readonly equalities: readonly (Form & { readonly target: number })[];
  /** Inequalities before the first global one. */
  readonly local: number;
}

interface Iterate {
  readonly x: Float64Array;
  /** Multipliers of the equalities. */
  readonly y: Float64Array;
  readonly slacks: Float64Array;
  readonly multipliers: Float64Array;
}

/** Minimises a portfolio program by Mehrotra's predictor–corrector method from an infeasible start. The absolute
 * values cost n × n algebra only: their variables are eliminated from the Newton system, and rows and limits enter
 * by its Schur complement.
 * @returns the best iterate, exact to about 1e-12 as a rule and to be certified; `undefined` when nothing was found
 * @param program in which lower < upper for each asset
 * Source: Mehrotra (1992), "On the implementation of a primal-dual interior point method"; Nocedal, Wright (2006),
 * "Numerical optimization", section 16.6. */
export function solveInterior(program: PortfolioProgram): InteriorSolution | undefined {
  const layout = layoutOf(program);
  const state = start(layout);
  const count = state.slacks.length;
  let best = copy(state), least = Infinity;
  for (let iteration = 0; iteration < MAX_ITERATIONS; iteration++) {
    const residuals = residualsOf(layout, state);
    const mu = dot(state.slacks, state.multipliers) / count;
    const relativeGap = mu * count / residuals.size;
    const error = Math.max(relativeGap, residuals.worst);
    if (error < least) {
      least = error;
      best = copy(state);
    }
    if (relativeGap <= GAP_TOLERANCE && residuals.worst <= RESIDUAL_TOLERANCE) break;
    // Past the precision of the algebra every step makes it worse.
    if (error > LOST * least) break;
    const system = factor(layout, state);
    if (system === undefined) break;
    const affine = direction(layout, state, residuals, system, new Float64Array(count));
    const reach = Math.min(
      longest(state.slacks, affine.slacks, 1),
      longest(state.multipliers, affine.multipliers, 1),
    );
    let ahead = 0;
    for (let j = 0; j < count; j++) {
      ahead += (state.slacks[j] + reach * affine.slacks[j]) *
        (state.multipliers[j] + reach * affine.multipliers[j]);
    }
    const sigma = (ahead / count / mu) ** 3;
    const targets = affine.slacks.map((ds, j) => sigma * mu - ds * affine.multipliers[j]);
    const step = direction(layout, state, residuals, system, targets);
    const size = Math.min(
      longest(state.slacks, step.slacks, BOUNDARY_SHARE),
      longest(state.multipliers, step.multipliers, BOUNDARY_SHARE),
    );
    if (!(size > 1e-10) || !step.x.every(Number.isFinite)) break;
    move(state.x, step.x, size);
    move(state.y, step.y, size);
    move(state.slacks, step.slacks, size);
    move(state.multipliers, step.multipliers, size);
  }
  return least < Infinity ? read(layout, best) : undefined;
}

function copy({ x, y, slacks, multipliers }: Iterate): Iterate {
  return {
    x: x.slice(),
    y: y.slice(),
    slacks: slacks.slice(),
    multipliers: multipliers.slice(),
  };
}

function layoutOf(program: PortfolioProgram): Layout {
  const { hessian, linear, rows, distances } = program;
  const n = linear.length, K = distances.length;
  let scale = meanDiagonal(hessian);
  if (hessian.data.every((value) => value === 0)) {
    scale = linear.reduce((most, value) => Math.max(most, Math.abs(value)), 0) || 1;
  }
  const cost = new Float64Array(n * (1 + K));
  linear.forEach((value, i) => cost[i] = value / scale);
  distances.forEach((term, d) => cost.fill(term.cost / scale, n * (d + 1), n * (d + 2)));
  const globals: (Form & { offset: number })[] = [];
  const equalities: (Form & { target: number })[] = [];
  for (const row of rows) {
    if (row.lower === row.upper) {
      equalities.push({ ...row, target: row.lower });
      continue;
    }
    if (row.lower > -Infinity) globals.push({ ...row, offset: -row.lower });
    if (row.upper < Infinity) globals.push({ ...negated(row), offset: row.upper });
  }
  distances.forEach(({ limit }, d) => {
    if (limit === Infinity) return;
    globals.push({
      indices: Array.from({ length: n }, (_, i) => n * (d + 1) + i),
      values: new Array(n).fill(-1),
      offset: limit,
    });
  });
  return { n, program, scale, cost, globals, equalities, local: 2 * n * (1 + K) };
}

function negated({ indices, values }: LinearRow): Form {
  return { indices, values: values.map((value) => -value) };
}

function formValue({ indices, values }: Form, x: Float64Array): number {
  let sum = 0;
  for (let k = 0; k < indices.length; k++) sum += values[k] * x[indices[k]];
  return sum;
}

function addForm(x: Float64Array, { indices, values }: Form, weight: number): void {
  for (let k = 0; k < indices.length; k++) x[indices[k]] += weight * values[k];
}

/** G·x, without offsets. */
function inequalityValues({ n, program, globals, local }: Layout, x: Float64Array): Float64Array {
  const values = new Float64Array(local + globals.length);
  for (let i = 0; i < n; i++) {
    values[i] = x[i];
    values[n + i] = -x[i];
  }
  for (let d = 0; d < program.distances.length; d++) {
    const at = 2 * n * (d + 1), t = n * (d + 1);
    for (let i = 0; i < n; i++) {
      values[at + i] = x[t + i] - x[i];
      values[at + n + i] = x[t + i] + x[i];
    }
  }
  globals.forEach((form, g) => values[local + g] = formValue(form, x));
  return values;
}

function addOffsets({ n, program, globals, local }: Layout, values: Float64Array): void {
  const { lower, upper, distances } = program;
  for (let i = 0; i < n; i++) {
    values[i] -= lower[i];
    values[n + i] += upper[i];
  }
  distances.forEach(({ centre }, d) => {
    const at = 2 * n * (d + 1);
    for (let i = 0; i < n; i++) {
      values[at + i] += centre[i];
      values[at + n + i] -= centre[i];
    }
  });
  globals.forEach(({ offset }, g) => values[local + g] += offset);
}

/** Gᵀz. */
function transposed({ n, program, globals, local }: Layout, z: Float64Array): Float64Array {
  const K = program.distances.length;
  const sum = new Float64Array(n * (1 + K));
  for (let i = 0; i < n; i++) sum[i] = z[i] - z[n + i];
  for (let d = 0; d < K; d++) {
    const at = 2 * n * (d + 1), t = n * (d + 1);
    for (let i = 0; i < n; i++) {
      sum[i] += z[at + n + i] - z[at + i];
      sum[t + i] = z[at + n + i] + z[at + i];
    }
  }
  globals.forEach((form, g) => addForm(sum, form, z[local + g]));
  return sum;
}

function start(layout: Layout): Iterate {
  const { n, program, cost } = layout;
  const { lower, upper, distances } = program;
  const x = new Float64Array(cost.length);
  for (let i = 0; i < n; i++) {
    const inner = Math.min(1 / n, (upper[i] - lower[i]) / 2);
    x[i] = Math.min(upper[i] - inner, Math.max(lower[i] + inner, 1 / n));
  }
  distances.forEach(({ centre }, d) => {
    for (let i = 0; i < n; i++) x[n * (d + 1) + i] = Math.abs(x[i] - centre[i]) + 1 / n;
  });
  const slacks = inequalityValues(layout, x);
  addOffsets(layout, slacks);
  const gradient = gradientAt(layout, x);
  const size = gradient.reduce((most, value) => Math.max(most, Math.abs(value)), 1e-3);
  for (let j = 0; j < slacks.length; j++) slacks[j] = Math.max(slacks[j], 0.5 / n);
  const multipliers = slacks.map((slack) => size / n / slack);
  return { x, y: new Float64Array(layout.equalities.length), slacks, multipliers };
}

function gradientAt({ n, program, scale, cost }: Layout, x: Float64Array): Float64Array {
  const gradient = cost.slice();
  const marginal = multiply(program.hessian, x.subarray(0, n));
  for (let i = 0; i < n; i++) gradient[i] += marginal[i] / scale;
  return gradient;
}

interface Residuals {
  readonly dual: Float64Array;
  readonly primal: Float64Array;
  readonly equality: Float64Array;
  readonly worst: number;
  /** What gaps are measured against. */
  readonly size: number;
}

function residualsOf(layout: Layout, { x, y, slacks, multipliers }: Iterate): Residuals {
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

interface System {
  readonly pulls: Float64Array;
  readonly factor: Float64Array;
  /** H⁻¹ times each equality and global form. */
  readonly solved: readonly Float64Array[];
  readonly schur: Float64Array;
}

function factor(layout: Layout, { slacks, multipliers }: Iterate): System | undefined {
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
function direction(
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

function longest(values: Float64Array, steps: Float64Array, share: number): number {
  let size = 1;
  for (let j = 0; j < values.length; j++) {
    if (steps[j] < 0) size = Math.min(size, -share * values[j] / steps[j]);
  }
  return size;
}

function move(values: Float64Array, steps: Float64Array, size: number): void {
  for (let k = 0; k < values.length; k++) values[k] += size * steps[k];
}

function read(layout: Layout, { x, y, slacks, multipliers }: Iterate): InteriorSolution {
  const { n, program, scale, local } = layout;
  const pull = (j: number) => multipliers[j] / slacks[j];
  const rows = new Float64Array(program.rows.length);
  const rowPull = new Float64Array(program.rows.length);
  let equality = 0, global = local;
  program.rows.forEach((row, r) => {
    if (row.lower === row.upper) {
      rows[r] = -scale * y[equality++];
      rowPull[r] = Infinity;
      return;
    }
    if (row.lower > -Infinity) {
      rows[r] += scale * multipliers[global];
      rowPull[r] = pull(global++);
    }
    if (row.upper < Infinity) {
      rows[r] -= scale * multipliers[global];
      rowPull[r] = Math.max(rowPull[r], pull(global++));
    }
  });
  const limits = new Float64Array(program.distances.length);
  const limitPull = new Float64Array(program.distances.length);
  program.distances.forEach(({ limit }, d) => {
    if (limit === Infinity) return;
    limits[d] = scale * multipliers[global];
    limitPull[d] = pull(global++);
  });
  return {
    weights: x.slice(0, n),
    duals: { rows, distances: limits },
    lowerPull: Float64Array.from({ length: n }, (_, i) => pull(i)),
    upperPull: Float64Array.from({ length: n }, (_, i) => pull(n + i)),
    kinkPull: program.distances.map((_, d) => {
      const at = 2 * n * (d + 1);
      return Float64Array.from(
        { length: n },
        (_, i) => Math.min(pull(at + i), pull(at + n + i)),
      );
    }),
    rowPull,
    limitPull,
  };
}
