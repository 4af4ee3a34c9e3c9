import type { PortfolioProgram } from "./portfolio_program.ts";
import type { LinearRow } from "./qp_solver.ts";
import { meanDiagonal, multiply } from "./quadratic_form.ts";

/** A sparse form over x = (w, t of distance 0, t of distance 1, …). */
export interface Form {
  readonly indices: ArrayLike<number>;
  readonly values: ArrayLike<number>;
}

/** Constraints of a program with t >= |w − centre| written out, in this order: lower bounds, upper bounds, for each
 * distance t − w + c and t + w − c, then the global inequalities form·x + offset >= 0. */
export interface Layout {
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

/** Writes a program out, in units in which the mean diagonal of Q is 1. */
export function layoutOf(program: PortfolioProgram): Layout {
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

/** The value of a form at x. */
export function formValue({ indices, values }: Form, x: Float64Array): number {
  let sum = 0;
  for (let k = 0; k < indices.length; k++) sum += values[k] * x[indices[k]];
  return sum;
}

/** Adds weight × the form's gradient to x. */
export function addForm(x: Float64Array, { indices, values }: Form, weight: number): void {
  for (let k = 0; k < indices.length; k++) x[indices[k]] += weight * values[k];
}

/** G·x, without offsets. */
export function inequalityValues(
  { n, program, globals, local }: Layout,
  x: Float64Array,
): Float64Array {
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

/** Adds the constants of the inequalities to their values. */
export function addOffsets({ n, program, globals, local }: Layout, values: Float64Array): void {
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
export function transposed({ n, program, globals, local }: Layout, z: Float64Array): Float64Array {
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

/** The gradient of the objective, scaled. */
export function gradientAt({ n, program, scale, cost }: Layout, x: Float64Array): Float64Array {
  const gradient = cost.slice();
  const marginal = multiply(program.hessian, x.subarray(0, n));
  for (let i = 0; i < n; i++) gradient[i] += marginal[i] / scale;
  return gradient;
}
