import * as highsModule from "highs";
import type { HessianInput, Highs, SparseMatrixInput } from "highs";
import type { Matrix } from "../matrix.ts";
import { meanDiagonal } from "./quadratic_form.ts";

/** lower <= Σ values·x[indices] <= upper. */
export interface LinearRow {
  /** The variables in the row, each once. */
  readonly indices: readonly number[];
  /** Their coefficients. */
  readonly values: readonly number[];
  /** −Infinity for none. */
  readonly lower: number;
  /** Infinity for none. */
  readonly upper: number;
}

/** Minimise ½xᵀQx + cᵀx within bounds and rows. */
export interface QuadraticProgram {
  /** Q: symmetric, positive semidefinite; left out for a linear program. */
  readonly hessian?: Matrix;
  /** c. */
  readonly linear: Float64Array;
  /** Bounds of each variable from below. */
  readonly lower: Float64Array;
  /** And from above; Infinity for none. */
  readonly upper: Float64Array;
  /** All other constraints. */
  readonly rows: readonly LinearRow[];
}

/** What a solver claims to be the minimiser, for the caller to check. */
export interface QpSolution {
  /** One value a variable. */
  readonly x: Float64Array;
  /** The multiplier of each row: positive where its lower side holds the objective up. */
  readonly rowDuals: Float64Array;
}

/** Solves convex quadratic and linear programs, synchronously and to the same bits for the same program. */
export interface QpSolver {
  /** `undefined` when the solver finds no minimiser. */
  solve(program: QuadraticProgram): QpSolution | undefined;
}

/** Pivots per column and row after which a program counts as unsolved: many times what these problems take. */
const ITERATIONS_PER_LINE = 20;
/** Added to the diagonal of the scaled Hessian: a trace keeps the active set from cycling on singular ones, and the
 * solver's own 1e-7 shows in the weights of ill-conditioned problems. */
const REGULARIZATION = 1e-12;

/** Loads HiGHS (WebAssembly) once; its programs are then solved synchronously.
 * @throws if the WebAssembly module cannot be loaded */
export async function loadQpSolver(): Promise<QpSolver> {
  // The package is CommonJS to the type checker and an ES module at run time.
  const load = highsModule.default as unknown as () => Promise<Highs>;
  const highs = await load();
  return { solve: (program) => solveByHighs(highs, program) };
}

function solveByHighs(
  highs: Highs,
  program: QuadraticProgram,
): QpSolution | undefined {
  const { hessian, linear, rows } = program;
  // HiGHS tolerances are absolute: unscaled daily covariances (1e-4) are all noise to it.
  const scale = hessian === undefined ? 1 : 1 / meanDiagonal(hessian);
  const model = highs.createModel();
  try {
    model.options.set({
      output_flag: false,
      // Not a time limit, which would make results depend on the machine.
      qp_iteration_limit: ITERATIONS_PER_LINE * (linear.length + rows.length),
      qp_regularization_value: REGULARIZATION,
      primal_feasibility_tolerance: 1e-10,
      dual_feasibility_tolerance: 1e-10,
      // Of the dense linear programs of CVaR there is nothing to presolve: two to ten times faster without.
      presolve: hessian === undefined ? "off" : "choose",
    });
    model.passModel({
      numCols: linear.length,
      numRows: rows.length,
      colCost: linear.map((cost) => cost * scale),
      colLower: program.lower,
      colUpper: program.upper,
      rowLower: rows.map((row) => row.lower),
      rowUpper: rows.map((row) => row.upper),
      matrix: sparseRows(rows, linear.length),
      ...(hessian === undefined ? {} : { hessian: lowerTriangle(hessian, scale) }),
    });
    model.run();
    if (model.getModelStatus() !== highs.constants.modelStatus.optimal) return undefined;
    const { colValue, rowDual } = model.getSolution();
    if (!colValue.every(Number.isFinite)) return undefined;
    return { x: colValue, rowDuals: Float64Array.from(rowDual, (dual) => dual / scale) };
  } catch (error) {
    // The solver's own errors are about the numbers of this program; any other is about the program that calls it.
    if (error instanceof highs.errors.HighsError) return undefined;
    throw error;
  } finally {
    model.dispose();
  }
}

function sparseRows(rows: readonly LinearRow[], numCols: number): SparseMatrixInput {
  const starts = new Int32Array(rows.length + 1);
  rows.forEach((row, r) => starts[r + 1] = starts[r] + row.indices.length);
  const indices = new Int32Array(starts[rows.length]);
  const values = new Float64Array(starts[rows.length]);
  rows.forEach((row, r) => {
    indices.set(row.indices, starts[r]);
    values.set(row.values, starts[r]);
  });
  return { format: "csr", numRows: rows.length, numCols, starts, indices, values };
}

function lowerTriangle({ rows: n, data }: Matrix, scale: number): HessianInput {
  const starts = new Int32Array(n + 1);
  const indices = new Int32Array(n * (n + 1) / 2);
  const values = new Float64Array(indices.length);
  let stored = 0;
  for (let j = 0; j < n; j++) {
    for (let i = j; i < n; i++) {
      const value = data[i * n + j] * scale;
      if (value === 0) continue;
      indices[stored] = i;
      values[stored++] = value;
    }
    starts[j + 1] = stored;
  }
  return {
    format: "triangular",
    dimension: n,
    starts,
    indices: indices.subarray(0, stored),
    values: values.subarray(0, stored),
  };
}
