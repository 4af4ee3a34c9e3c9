import { type Allocation, KKT_TOLERANCE } from "./allocation.ts";

/** Weights, with what was given up for them. */
export interface ProfileSolution {
  readonly weights: Float64Array;
  /** As of {@linkcode Allocation}. */
  readonly objective: number;
  /** As of {@linkcode Allocation}. */
  readonly kktResidual: number;
  /** In order; empty for none. */
  readonly relaxations: readonly string[];
}

/** An allocation from a solution, after what its limits had to give up; `infeasible` where there is none. */
export function allocationOf(
  solution: ProfileSolution | undefined,
  profile: string,
  n: number,
  limitRelaxations: readonly string[],
): Allocation {
  if (
    solution === undefined || !Number.isFinite(solution.objective) ||
    !solution.weights.every(Number.isFinite)
  ) {
    return {
      status: "infeasible",
      reason: `Cannot solve ${profile} for ${n} assets: no attempt converged`,
    };
  }
  const relaxations = [...limitRelaxations, ...solution.relaxations];
  if (solution.kktResidual > KKT_TOLERANCE) {
    relaxations.push(`kkt_residual:${solution.kktResidual.toExponential(2)}`);
  }
  return { ...solution, status: relaxations.length === 0 ? "optimal" : "relaxed", relaxations };
}
