import type { ReturnsWindow } from "../estimators/returns_window.ts";
import { ACCEPTABLE_RESIDUAL, KKT_TOLERANCE } from "./allocation.ts";
import type { ConvexSolution } from "./convex_profiles.ts";
import {
  distanceTo,
  dualityGap,
  type PortfolioDuals,
  type PortfolioSet,
  setViolation,
} from "./portfolio_program.ts";
import type { QpSolution, QpSolver, QuadraticProgram } from "./qp_solver.ts";
import { dot } from "./quadratic_form.ts";
import { SetProgram } from "./set_program.ts";
import { solveByDual } from "./solve_by_dual.ts";

/** The portfolio of least conditional value at risk within a feasible set: the mean loss in the worst `tailShare` of
 * the scenarios (a fraction of one counts in part), plus Σ cost·|w − centre|. A linear program, proven by its dual:
 * weights of scenarios under which no portfolio of the set loses less. With fewer assets than scenarios the solver
 * is given the dual first, which has fewer rows.
 * @param tailShare in (0, 1): 0.05 is CVaR at 95 %
 * @returns objective per period, as a fraction; `undefined` when the solver finds nothing near the optimum
 * Source: Rockafellar, Uryasev (2000), "Optimization of conditional value-at-risk". */
export function minCvar(
  scenarios: ReturnsWindow,
  set: PortfolioSet,
  tailShare: number,
  solver: QpSolver,
): ConvexSolution | undefined {
  const { T, N } = scenarios;
  const scaled = scaledProgram(scenarios, set, tailShare);
  const directly = () => solver.solve(scaled.program);
  const byDual = () => solveByDual(scaled.program, N, solver);
  let best: ConvexSolution | undefined;
  for (const way of N < T ? [byDual, directly] : [directly, byDual]) {
    const found = way();
    if (found === undefined) continue;
    const proven = prove(scenarios, set, tailShare, scaled, found);
    if (proven.kktResidual <= KKT_TOLERANCE) return proven;
    if (proven.kktResidual < (best?.kktResidual ?? ACCEPTABLE_RESIDUAL)) best = proven;
  }
  return best;
}

/** The program in units of `scale`, and its rows of scenarios. */
interface ScaledProgram {
  readonly program: QuadraticProgram;
  readonly scenarioRows: readonly number[];
  readonly scale: number;
}

function scaledProgram(
  { values, T, N }: ReturnsWindow,
  set: PortfolioSet,
  tailShare: number,
): ScaledProgram {
  const scale = meanAbsolute(values);
  const program = new SetProgram({
    ...set,
    distances: set.distances.map((term) => ({ ...term, cost: term.cost / scale })),
  });
  const threshold = program.addVariable(-Infinity, Infinity, 1);
  const scenarioRows = Array.from({ length: T }, (_, t) => {
    const beyond = program.addVariable(0, Infinity, 1 / (tailShare * T));
    const indices = [threshold, beyond], coefficients = [1, 1];
    for (let i = 0; i < N; i++) {
      const value = values[t * N + i] / scale;
      if (value === 0) continue;
      indices.push(i);
      coefficients.push(value);
    }
    return program.addRow({ indices, values: coefficients, lower: 0, upper: Infinity });
  });
  return { program: program.program(), scenarioRows, scale };
}

function prove(
  scenarios: ReturnsWindow,
  set: PortfolioSet,
  tailShare: number,
  { scenarioRows, scale }: ScaledProgram,
  found: QpSolution,
): ConvexSolution {
  const { N } = scenarios;
  const raw = found.x.slice(0, N).map((weight, i) =>
    Math.min(set.upper[i], Math.max(set.lower[i], weight))
  );
  const weights = set.clean?.(raw) ?? raw;
  const tail = tailWeights(scenarioRows.map((row) => found.rowDuals[row]), tailShare);
  const duals = setDuals(set, found.rowDuals, scale);
  const risk = cvar(scenarios, weights, tailShare);
  const gradient = tailGradient(scenarios, tail);
  const gap = risk - dot(gradient, weights) + dualityGap(gradient, weights, set, duals);
  const kktResidual = Math.max(
    Math.max(0, gap) / Math.max(Math.abs(risk), 1e-3 * scale),
    setViolation(set, weights),
  );
  const cost = set.distances.reduce(
    (sum, term) => term.cost === 0 ? sum : sum + term.cost * distanceTo(term.centre, weights),
    0,
  );
  return {
    weights,
    objective: risk + cost,
    kktResidual: Number.isNaN(kktResidual) ? Infinity : kktResidual,
  };
}

/** The mean loss of weights in the worst `tailShare` of T scenarios, in units of the returns; negative for gains. */
export function cvar(
  { values, T, N }: ReturnsWindow,
  weights: Float64Array,
  tailShare: number,
): number {
  const returns = new Float64Array(T);
  for (let t = 0; t < T; t++) {
    for (let i = 0; i < N; i++) returns[t] += weights[i] * values[t * N + i];
  }
  returns.sort();
  let rest = tailShare * T, loss = 0;
  for (let t = 0; t < T && rest > 0; t++) {
    loss -= Math.min(1, rest) * returns[t];
    rest -= 1;
  }
  return loss / (tailShare * T);
}

/** Multipliers as weights of scenarios: none above 1/(tailShare·T), with sum 1. */
function tailWeights(multipliers: readonly number[], tailShare: number): Float64Array {
  const most = 1 / (tailShare * multipliers.length);
  const weights = Float64Array.from(multipliers, (value) => Math.min(most, Math.max(0, value)));
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  return weights.map((weight) => weight / total);
}

/** −Σ weight·return: the loss of each asset under the weights of scenarios. */
function tailGradient({ values, T, N }: ReturnsWindow, tail: Float64Array): Float64Array {
  const gradient = new Float64Array(N);
  for (let t = 0; t < T; t++) {
    if (tail[t] === 0) continue;
    for (let i = 0; i < N; i++) gradient[i] -= tail[t] * values[t * N + i];
  }
  return gradient;
}

function setDuals(set: PortfolioSet, rowDuals: Float64Array, scale: number): PortfolioDuals {
  let row = set.rows.length;
  return {
    rows: rowDuals.slice(0, set.rows.length).map((dual) => dual * scale),
    distances: Float64Array.from(
      set.distances,
      ({ limit }) => limit === Infinity ? 0 : Math.max(0, -rowDuals[row++] * scale),
    ),
  };
}

function meanAbsolute(values: Float64Array): number {
  const sum = values.reduce((total, value) => total + Math.abs(value), 0);
  return sum > 0 ? sum / values.length : 1;
}
