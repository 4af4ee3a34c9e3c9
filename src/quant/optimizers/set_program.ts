import type { PortfolioSet } from "./portfolio_program.ts";
import type { LinearRow, QuadraticProgram } from "./qp_solver.ts";

/** A linear program over the weights of a set and further variables. Its first rows are those of the set, then one
 * for each distance that is limited. */
export class SetProgram {
  readonly #lower: number[];
  readonly #upper: number[];
  readonly #costs: number[];
  readonly #rows: LinearRow[];

  /** Takes the set, with every distance written out as variables t >= |w − centre|, and the costs of the weights: none
   * when left out. */
  constructor(set: PortfolioSet, linear?: Float64Array) {
    const n = set.lower.length;
    this.#lower = Array.from(set.lower);
    this.#upper = Array.from(set.upper);
    this.#costs = Array.from(linear ?? new Float64Array(n));
    this.#rows = [...set.rows];
    const definitions: LinearRow[] = [];
    for (const { centre, cost, limit } of set.distances) {
      const first = this.#lower.length;
      for (let i = 0; i < n; i++) {
        const t = this.addVariable(0, Infinity, cost);
        definitions.push(atLeast([t, i], [1, -1], -centre[i]), atLeast([t, i], [1, 1], centre[i]));
      }
      if (limit === Infinity) continue;
      const members = Array.from({ length: n }, (_, i) => first + i);
      this.#rows.push({
        indices: members,
        values: members.map(() => 1),
        lower: -Infinity,
        upper: limit,
      });
    }
    this.#rows.push(...definitions);
  }

  /** Adds a variable, and returns its index. */
  addVariable(lower: number, upper: number, cost: number): number {
    this.#lower.push(lower);
    this.#upper.push(upper);
    this.#costs.push(cost);
    return this.#lower.length - 1;
  }

  /** Adds a row, and returns its index. */
  addRow(row: LinearRow): number {
    this.#rows.push(row);
    return this.#rows.length - 1;
  }

  /** What a solver takes. */
  program(): QuadraticProgram {
    return {
      linear: Float64Array.from(this.#costs),
      lower: Float64Array.from(this.#lower),
      upper: Float64Array.from(this.#upper),
      rows: this.#rows,
    };
  }
}

function atLeast(indices: number[], values: number[], lower: number): LinearRow {
  return { indices, values, lower, upper: Infinity };
}
