import type { Matrix } from "../matrix.ts";
import { ACCEPTABLE_RESIDUAL, KKT_TOLERANCE } from "./allocation.ts";
import { solveInterior } from "./interior_point_qp.ts";
import { polish } from "./polish.ts";
import {
  dualityGap,
  type PortfolioDuals,
  type PortfolioProgram,
  type PortfolioSet,
  setViolation,
} from "./portfolio_program.ts";
import type { LinearRow, QpSolver } from "./qp_solver.ts";
import { multiply, submatrix } from "./quadratic_form.ts";

/** Weights with multipliers that prove how good they are. */
export interface ProvenWeights {
  readonly weights: Float64Array;
  readonly duals: PortfolioDuals;
  /** The larger of the first-order gap, over the scale that the caller gave, and the violation of the limits. */
  readonly kktResidual: number;
}

/** Bounds nearer than this leave an asset no choice. */
const NO_ROOM = 1e-13;
/** Where the line between active limits and others is tried, in units of the mean diagonal of Q. */
const ACTIVE_PULLS = [1, 1e3, 1e-3];
/** Assets from which on the active-set solver, where it can take the program, is faster than factoring. */
const LARGE = 100;

/** Solves a portfolio program and proves the answer: by the interior-point method with polishing, and by the given
 * solver where there are no distances; whichever proves enough first, the better one otherwise.
 * @param scaleOf what gaps are relative to, from weights; positive
 * @returns `undefined` when no answer is within ACCEPTABLE_RESIDUAL */
export function solveProgram(
  program: PortfolioProgram,
  solver: QpSolver,
  scaleOf: (weights: Float64Array) => number,
): ProvenWeights | undefined {
  const reduced = withoutSettled(program);
  const ways = [() => byInteriorPoint(reduced), () => bySolver(reduced, solver)];
  if (program.distances.length > 0) ways.pop();
  else if (program.linear.length >= LARGE) ways.reverse();
  let best: ProvenWeights | undefined;
  for (const way of ways) {
    for (const found of way()) {
      const proven = prove(program, reduced, found, scaleOf);
      if (best === undefined || proven.kktResidual < best.kktResidual) best = proven;
      if (best.kktResidual <= KKT_TOLERANCE) return best;
    }
  }
  return best !== undefined && best.kktResidual <= ACCEPTABLE_RESIDUAL ? best : undefined;
}

/** A program over the assets that have a choice, and how its weights go back into all. */
interface ReducedProgram extends PortfolioProgram {
  readonly open: readonly number[];
  /** All n weights, with those of the assets that have no choice in place. */
  readonly settled: Float64Array;
}

interface Candidate {
  readonly weights: Float64Array;
  readonly duals: PortfolioDuals;
}

function withoutSettled(program: PortfolioProgram): ReducedProgram {
  const { hessian, linear, lower, upper, rows, distances } = program;
  const open = Array.from(linear.keys()).filter((i) => upper[i] - lower[i] > NO_ROOM);
  const settled = lower.slice();
  for (const i of open) settled[i] = 0;
  if (open.length === linear.length) return { ...program, open, settled };
  const marginal = multiply(hessian, settled);
  const pick = (values: Float64Array) => Float64Array.from(open, (i) => values[i]);
  const isOpen = new Set(open);
  const closed = Array.from(linear.keys()).filter((i) => !isOpen.has(i));
  return {
    open,
    settled,
    hessian: submatrix(hessian, open),
    linear: Float64Array.from(open, (i) => linear[i] + marginal[i]),
    lower: pick(lower),
    upper: pick(upper),
    rows: rows.map((row) => openRow(row, open, settled)),
    distances: distances.map(({ centre, cost, limit }) => ({
      centre: pick(centre),
      cost,
      limit: closed.reduce((rest, i) => rest - Math.abs(settled[i] - centre[i]), limit),
    })),
  };
}

function openRow(row: LinearRow, open: readonly number[], settled: Float64Array): LinearRow {
  const position = new Map(open.map((i, k) => [i, k]));
  const indices: number[] = [], values: number[] = [];
  let fixed = 0;
  row.indices.forEach((i, k) => {
    const at = position.get(i);
    if (at === undefined) fixed += row.values[k] * settled[i];
    else {
      indices.push(at);
      values.push(row.values[k]);
    }
  });
  return { indices, values, lower: row.lower - fixed, upper: row.upper - fixed };
}

function* byInteriorPoint(program: ReducedProgram): Generator<Candidate> {
  if (program.open.length === 0) {
    yield noChoice(program);
    return;
  }
  const solution = solveInterior(program);
  if (solution === undefined) return;
  for (const pull of ACTIVE_PULLS) {
    const polished = polish(program, solution, pull);
    if (polished !== undefined) yield polished;
  }
  yield solution;
}

function noChoice({ rows, distances }: PortfolioSet): Candidate {
  return {
    weights: new Float64Array(),
    duals: { rows: new Float64Array(rows.length), distances: new Float64Array(distances.length) },
  };
}

function* bySolver(program: ReducedProgram, solver: QpSolver): Generator<Candidate> {
  if (program.open.length === 0) return;
  const found = solver.solve(program);
  if (found === undefined) return;
  const distances = new Float64Array();
  yield { weights: found.x, duals: { rows: found.rowDuals, distances } };
}

function prove(
  program: PortfolioProgram,
  { open, settled }: ReducedProgram,
  { weights: found, duals }: Candidate,
  scaleOf: (weights: Float64Array) => number,
): ProvenWeights {
  const raw = settled.slice();
  open.forEach((i, k) => {
    raw[i] = Math.min(program.upper[i], Math.max(program.lower[i], found[k]));
  });
  const weights = program.clean?.(raw) ?? raw;
  const gap = dualityGap(
    gradientOf(program.hessian, program.linear, weights),
    weights,
    program,
    duals,
  );
  const kktResidual = Math.max(gap / scaleOf(weights), setViolation(program, weights));
  return { weights, duals, kktResidual: Number.isNaN(kktResidual) ? Infinity : kktResidual };
}

function gradientOf(hessian: Matrix, linear: Float64Array, weights: Float64Array): Float64Array {
  const gradient = multiply(hessian, weights);
  for (let i = 0; i < gradient.length; i++) gradient[i] += linear[i];
  return gradient;
}
