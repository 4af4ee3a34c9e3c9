import type { LinearRow, QpSolution, QpSolver, QuadraticProgram } from "./qp_solver.ts";

/** Solves a linear program by handing its dual to the solver, whose work grows with the rows: of T scenarios and n
 * assets with n < T the dual has n rows where the program has T.
 *
 * min cᵀx over L <= Ax <= U, l <= x <= u has the dual max Σ (L·y⁺ − U·y⁻) + Σ (l·z⁺ − u·z⁻) over Aᵀy + z = c; the
 * multipliers of its rows are −x.
 * @param program without a Hessian
 * @param wanted the variables from here on are not told: those that are >= 0 and in one row alone are only bounds of
 * the dual
 * @returns the first `wanted` variables and all multipliers; `undefined` also where the program is infeasible or
 * unbounded
 * Source: Dantzig (1963), "Linear programming and extensions", chapter 6. */
export function solveByDual(
  program: QuadraticProgram,
  wanted: number,
  solver: QpSolver,
): QpSolution | undefined {
  const dual = new DualProgram(program, wanted);
  const found = solver.solve(dual.program());
  return found && dual.read(found);
}

/** A multiplier of one side, or of both where these are equal. */
interface Multiplier {
  readonly cost: number;
  lower: number;
  upper: number;
}

/** The entries of a row of the dual, before its sides are known. */
interface Column {
  readonly indices: number[];
  readonly values: number[];
}

class DualProgram {
  readonly #multipliers: Multiplier[] = [];
  /** The multipliers of each row of the primal. */
  readonly #ofRow: readonly (readonly number[])[];
  /** One for each variable of the primal that is not a bound of a multiplier, the wanted ones first. */
  readonly #rows: LinearRow[] = [];
  readonly #wanted: number;

  constructor({ linear, lower, upper, rows }: QuadraticProgram, wanted: number) {
    this.#wanted = wanted;
    const columns: Column[] = Array.from(linear, () => ({ indices: [], values: [] }));
    this.#ofRow = rows.map((row) => {
      const sides = this.#addSides(row.lower, row.upper);
      row.indices.forEach((i, k) => addEntries(columns[i], sides, row.values[k]));
      return sides;
    });
    columns.forEach((column, i) => {
      const isPositive = lower[i] === 0 && upper[i] === Infinity;
      if (i >= wanted && isPositive && column.indices.length === 1) {
        this.#bound(column, linear[i]);
        return;
      }
      // The multiplier of a lower bound of 0 costs nothing: it is the slack of the row.
      const hasSlack = lower[i] === 0 && upper[i] > 0;
      addEntries(column, this.#addSides(hasSlack ? -Infinity : lower[i], upper[i]), 1);
      this.#rows.push({ ...column, lower: hasSlack ? -Infinity : linear[i], upper: linear[i] });
    });
  }

  program(): QuadraticProgram {
    return {
      linear: Float64Array.from(this.#multipliers, ({ cost }) => cost),
      lower: Float64Array.from(this.#multipliers, ({ lower }) => lower),
      upper: Float64Array.from(this.#multipliers, ({ upper }) => upper),
      rows: this.#rows,
    };
  }

  /** The primal's solution. */
  read({ x, rowDuals }: QpSolution): QpSolution {
    return {
      x: rowDuals.slice(0, this.#wanted).map((dual) => -dual),
      rowDuals: Float64Array.from(
        this.#ofRow,
        (sides) => sides.reduce((sum, side) => sum + x[side], 0),
      ),
    };
  }

  #addSides(lower: number, upper: number): number[] {
    const first = this.#multipliers.length;
    if (lower === upper) {
      this.#multipliers.push({ cost: -lower, lower: -Infinity, upper: Infinity });
    } else {
      if (lower > -Infinity) this.#multipliers.push({ cost: -lower, lower: 0, upper: Infinity });
      if (upper < Infinity) this.#multipliers.push({ cost: -upper, lower: -Infinity, upper: 0 });
    }
    return Array.from({ length: this.#multipliers.length - first }, (_, k) => first + k);
  }

  /** value × multiplier <= cost. */
  #bound({ indices: [index], values: [value] }: Column, cost: number): void {
    const multiplier = this.#multipliers[index];
    if (value > 0) multiplier.upper = Math.min(multiplier.upper, cost / value);
    else multiplier.lower = Math.max(multiplier.lower, cost / value);
  }
}

function addEntries({ indices, values }: Column, multipliers: readonly number[], value: number) {
  for (const multiplier of multipliers) {
    indices.push(multiplier);
    values.push(value);
  }
}
