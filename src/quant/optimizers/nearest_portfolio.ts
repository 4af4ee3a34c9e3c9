import type { PortfolioSet } from "./portfolio_program.ts";
import type { QpSolver } from "./qp_solver.ts";
import { dot } from "./quadratic_form.ts";
import { type ProvenWeights, solveProgram } from "./solve_program.ts";

/** The portfolio of a feasible set that is nearest to a target, by least squares.
 * @returns `undefined` when no way of solving came near */
export function nearestPortfolio(
  target: Float64Array,
  set: PortfolioSet,
  solver: QpSolver,
): ProvenWeights | undefined {
  const n = target.length;
  const data = new Float64Array(n * n);
  for (let i = 0; i < n; i++) data[i * n + i] = 1;
  const distances = set.distances.map((term) => ({ ...term, cost: 0 }));
  return solveProgram(
    {
      ...set,
      distances,
      hessian: { rows: n, cols: n, data },
      linear: target.map((weight) => -weight),
    },
    solver,
    (weights) => dot(weights, weights) + dot(target, target),
  );
}
