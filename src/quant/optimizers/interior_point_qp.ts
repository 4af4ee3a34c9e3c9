import { direction, factorSystem, type Iterate, move, residualsOf } from "./newton_system.ts";
import type { PortfolioDuals, PortfolioProgram } from "./portfolio_program.ts";
import {
  addOffsets,
  gradientAt,
  inequalityValues,
  type Layout,
  layoutOf,
} from "./program_layout.ts";
import { dot } from "./quadratic_form.ts";

/** Where an interior-point method stopped: near the optimum, and how strongly each limit holds there. */
export interface InteriorSolution {
  readonly weights: Float64Array;
  readonly duals: PortfolioDuals;
  /** For each asset, multiplier over slack of its lower and upper bound, in units of the mean diagonal of Q: large
   * where the bound is active. */
  readonly lowerPull: Float64Array;
  readonly upperPull: Float64Array;
  /** For each distance and asset, the same for its kink: large where the weight is the centre. */
  readonly kinkPull: readonly Float64Array[];
  /** For each row and distance limit, the same. */
  readonly rowPull: Float64Array;
  readonly limitPull: Float64Array;
}

const MAX_ITERATIONS = 80;
const GAP_TOLERANCE = 1e-12;
const RESIDUAL_TOLERANCE = 1e-11;
/** Steps without a lesser error that end the search, past the steep part. */
const STALLED = 6;
const STEEP = 1e-8;
/** An error this many times the least one so far ends the search. */
const LOST = 1e6;
const BOUNDARY_SHARE = 0.995;

/** Minimises a portfolio program by Mehrotra's predictor–corrector method from an infeasible start. The absolute
 * values cost n × n algebra only: their variables are eliminated from the Newton system, and rows and limits enter
 * by its Schur complement.
 * @returns the best iterate, exact to about 1e-12 as a rule and to be certified; `undefined` when nothing was found
 * @param program in which lower < upper for each asset
 * Source: Mehrotra (1992), "On the implementation of a primal-dual interior point method"; Nocedal, Wright (2006),
 * "Numerical optimization", section 16.6. */
export function solveInterior(program: PortfolioProgram): InteriorSolution | undefined {
  const layout = layoutOf(program);
  const state = start(layout);
  const count = state.slacks.length;
  let best = copy(state), least = Infinity, since = 0;
  for (let iteration = 0; iteration < MAX_ITERATIONS; iteration++) {
    const residuals = residualsOf(layout, state);
    const mu = dot(state.slacks, state.multipliers) / count;
    const relativeGap = mu * count / residuals.size;
    const error = Math.max(relativeGap, residuals.worst);
    if (error < least) {
      least = error;
      best = copy(state);
      since = 0;
    } else since++;
    if (relativeGap <= GAP_TOLERANCE && residuals.worst <= RESIDUAL_TOLERANCE) break;
    // Past the precision of the algebra every step makes it worse.
    if (error > LOST * least || (since >= STALLED && least < STEEP)) break;
    const system = factorSystem(layout, state);
    if (system === undefined) break;
    const affine = direction(layout, state, residuals, system, new Float64Array(count));
    const reach = Math.min(
      longest(state.slacks, affine.slacks, 1),
      longest(state.multipliers, affine.multipliers, 1),
    );
    let ahead = 0;
    for (let j = 0; j < count; j++) {
      ahead += (state.slacks[j] + reach * affine.slacks[j]) *
        (state.multipliers[j] + reach * affine.multipliers[j]);
    }
    const sigma = (ahead / count / mu) ** 3;
    const targets = affine.slacks.map((ds, j) => sigma * mu - ds * affine.multipliers[j]);
    const step = direction(layout, state, residuals, system, targets);
    const size = Math.min(
      longest(state.slacks, step.slacks, BOUNDARY_SHARE),
      longest(state.multipliers, step.multipliers, BOUNDARY_SHARE),
    );
    if (!(size > 1e-10) || !step.x.every(Number.isFinite)) break;
    move(state.x, step.x, size);
    move(state.y, step.y, size);
    move(state.slacks, step.slacks, size);
    move(state.multipliers, step.multipliers, size);
  }
  return least < Infinity ? read(layout, best) : undefined;
}

function copy({ x, y, slacks, multipliers }: Iterate): Iterate {
  return {
    x: x.slice(),
    y: y.slice(),
    slacks: slacks.slice(),
    multipliers: multipliers.slice(),
  };
}

function start(layout: Layout): Iterate {
  const { n, program, cost } = layout;
  const { lower, upper, distances } = program;
  const x = new Float64Array(cost.length);
  for (let i = 0; i < n; i++) {
    const inner = Math.min(1 / n, (upper[i] - lower[i]) / 2);
    x[i] = Math.min(upper[i] - inner, Math.max(lower[i] + inner, 1 / n));
  }
  distances.forEach(({ centre }, d) => {
    for (let i = 0; i < n; i++) x[n * (d + 1) + i] = Math.abs(x[i] - centre[i]) + 1 / n;
  });
  const slacks = inequalityValues(layout, x);
  addOffsets(layout, slacks);
  const gradient = gradientAt(layout, x);
  const size = gradient.reduce((most, value) => Math.max(most, Math.abs(value)), 1e-3);
  for (let j = 0; j < slacks.length; j++) slacks[j] = Math.max(slacks[j], 0.5 / n);
  const multipliers = slacks.map((slack) => size / n / slack);
  return { x, y: new Float64Array(layout.equalities.length), slacks, multipliers };
}

function longest(values: Float64Array, steps: Float64Array, share: number): number {
  let size = 1;
  for (let j = 0; j < values.length; j++) {
    if (steps[j] < 0) size = Math.min(size, -share * values[j] / steps[j]);
  }
  return size;
}

function read(layout: Layout, { x, y, slacks, multipliers }: Iterate): InteriorSolution {
  const { n, program, scale, local } = layout;
  const pull = (j: number) => multipliers[j] / slacks[j];
  const rows = new Float64Array(program.rows.length);
  const rowPull = new Float64Array(program.rows.length);
  let equality = 0, global = local;
  program.rows.forEach((row, r) => {
    if (row.lower === row.upper) {
      rows[r] = -scale * y[equality++];
      rowPull[r] = Infinity;
      return;
    }
    if (row.lower > -Infinity) {
      rows[r] += scale * multipliers[global];
      rowPull[r] = pull(global++);
    }
    if (row.upper < Infinity) {
      rows[r] -= scale * multipliers[global];
      rowPull[r] = Math.max(rowPull[r], pull(global++));
    }
  });
  const limits = new Float64Array(program.distances.length);
  const limitPull = new Float64Array(program.distances.length);
  program.distances.forEach(({ limit }, d) => {
    if (limit === Infinity) return;
    limits[d] = scale * multipliers[global];
    limitPull[d] = pull(global++);
  });
  return {
    weights: x.slice(0, n),
    duals: { rows, distances: limits },
    lowerPull: Float64Array.from({ length: n }, (_, i) => pull(i)),
    upperPull: Float64Array.from({ length: n }, (_, i) => pull(n + i)),
    kinkPull: program.distances.map((_, d) => {
      const at = 2 * n * (d + 1);
      return Float64Array.from(
        { length: n },
        (_, i) => Math.min(pull(at + i), pull(at + n + i)),
      );
    }),
    rowPull,
    limitPull,
  };
}
