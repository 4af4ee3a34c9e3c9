import { ACCEPTABLE_RESIDUAL, KKT_TOLERANCE } from "./allocation.ts";
import { cleanWeights } from "./clean_weights.ts";
import type { QpSolver, QuadraticProgram } from "./qp_solver.ts";
import { limitViolation, type WeightLimits } from "./weight_limits.ts";

/** Weights with a proof of how good they are. */
export interface CertifiedWeights {
  /** n clean weights. */
  readonly weights: Float64Array;
  /** The larger of the relative first-order gap and the violation of the limits. */
  readonly kktResidual: number;
}

/** How a problem is put to the solver, how else it can be solved, and what makes weights good. */
export interface CertifiedProgram {
  /** What the solver is given. */
  readonly program: QuadraticProgram;
  /** The weights that a minimiser of the program stands for; need not be clean. */
  readonly weightsOf: (x: Float64Array) => Float64Array;
  /** Raw weights found without the solver; `undefined` when none were. */
  readonly fallback: () => Float64Array | undefined;
  /** The first-order gap of weights, relative to their objective. */
  readonly gapOf: (weights: Float64Array) => number;
}

/** Cleans raw weights and measures them. */
export function certify(
  limits: WeightLimits,
  raw: Float64Array,
  gapOf: (weights: Float64Array) => number,
): CertifiedWeights {
  const weights = cleanWeights(limits, raw);
  const kktResidual = Math.max(gapOf(weights), limitViolation(limits, weights));
  // A gap over a variance of zero is NaN: it proves nothing.
  return { weights, kktResidual: Number.isNaN(kktResidual) ? Infinity : kktResidual };
}

/** Solves a program and checks the answer itself, since an active-set solver has been seen to claim an optimum that
 * is none, or to cycle on singular covariances; then falls back.
 * @returns the best weights found, or `undefined` when neither way came near the optimum */
export function solveCertified(
  solver: QpSolver,
  limits: WeightLimits,
  { program, weightsOf, fallback, gapOf }: CertifiedProgram,
): CertifiedWeights | undefined {
  const found = solver.solve(program);
  const first = found && certify(limits, weightsOf(found.x), gapOf);
  if (residualOf(first) <= KKT_TOLERANCE) return first;
  const raw = fallback();
  const second = raw && certify(limits, raw, gapOf);
  const best = residualOf(second) < residualOf(first) ? second : first;
  return residualOf(best) <= ACCEPTABLE_RESIDUAL ? best : undefined;
}

function residualOf(certified: CertifiedWeights | undefined): number {
  return certified?.kktResidual ?? Infinity;
}
