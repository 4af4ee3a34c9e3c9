import type { Matrix } from "../matrix.ts";
import { KKT_TOLERANCE } from "./allocation.ts";
import type { ProfileSolution } from "./profile_solution.ts";
import { meanDiagonal } from "./quadratic_form.ts";

/** Share of the mean variance that is added to each where a profile has no solution without. */
const RIDGE = 1e-6;

/** Solves as posed, else with a ridge that gives every portfolio some variance, recorded as `covariance_ridge`. */
export function solveWithRidge(
  covariance: Matrix,
  solve: (covariance: Matrix) => ProfileSolution | undefined,
): ProfileSolution | undefined {
  const plain = solve(covariance);
  if (plain !== undefined && plain.kktResidual <= KKT_TOLERANCE) return plain;
  const data = covariance.data.slice();
  const n = covariance.rows;
  for (let i = 0; i < n; i++) data[i * n + i] += RIDGE * meanDiagonal(covariance);
  const solution = solve({ rows: n, cols: n, data });
  if (solution === undefined) return plain;
  return { ...solution, relaxations: [...solution.relaxations, "covariance_ridge"] };
}
