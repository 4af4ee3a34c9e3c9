import { isFullyInvested, type LimitClasses, portfolioSet } from "./limit_classes.ts";
import { feasibleLimits } from "./feasible_limits.ts";
import { setViolation } from "./portfolio_program.ts";
import type { QpSolver } from "./qp_solver.ts";
import { SetProgram } from "./set_program.ts";
import type { WeightLimits } from "./weight_limits.ts";

/** Limits that some portfolio keeps, with what had to be given up; or why there are none. */
export type RelaxedClasses =
  | {
    readonly status: "feasible";
    readonly classes: LimitClasses;
    readonly relaxations: readonly string[];
  }
  | { readonly status: "infeasible"; readonly reason: string };

/** A limit is lifted by this share more than it needs, so that portfolios have some room. */
const ROOM = 1e-6;

/** A limit that can be lifted. */
interface Rung {
  readonly name: string;
  readonly valueOf: (classes: LimitClasses) => number;
  readonly lift: (classes: LimitClasses, value: number) => LimitClasses;
}

/** The order in which limits are given up: those that only money is lost by come first. */
const LADDER: readonly Rung[] = [
  {
    name: "turnover_limit",
    valueOf: ({ trading }) => trading?.turnoverLimit ?? Infinity,
    lift: (classes, turnoverLimit) => ({
      ...classes,
      trading: classes.trading && { ...classes.trading, turnoverLimit },
    }),
  },
  {
    name: "beta_limit",
    valueOf: ({ beta }) => beta?.limit ?? Infinity,
    lift: (classes, limit) => ({ ...classes, beta: classes.beta && { ...classes.beta, limit } }),
  },
  {
    name: "gross_limit",
    valueOf: ({ grossLimit }) => grossLimit,
    lift: (classes, grossLimit) => ({ ...classes, grossLimit }),
  },
  // Of fully invested portfolios `feasibleLimits` has lifted these already.
  {
    name: "group_caps",
    valueOf: ({ net }) => isFullyInvested(net) ? Infinity : 1,
    lift: ({ limits, ...rest }, factor) => ({
      ...rest,
      limits: { ...limits, caps: limits.caps.map((cap) => lifted(cap, factor, limits.n)) },
    }),
  },
  {
    name: "asset_caps",
    valueOf: ({ net }) => isFullyInvested(net) ? Infinity : 1,
    lift: ({ limits, ...rest }, factor) => ({
      ...rest,
      limits: { ...limits, upper: limits.upper.map((bound) => lifted(bound, factor, 1)) },
    }),
  },
];

/** Relaxes limits that no portfolio can keep. Where the portfolio is fully invested, bounds and groups first, as
 * `feasibleLimits` does. Then of `turnover_limit_lifted:v`, `beta_limit_lifted:v`, `gross_limit_lifted:v`, and where
 * it is not fully invested `group_caps_lifted:f` and `asset_caps_lifted:f`, the first that makes room by itself, to the
 * least value or factor that does; where none does, one kind after another is `…_removed` until the next one does.
 * Bounds below and net limits are never relaxed.
 * @param solver for the linear programs that find the least values */
export function relaxLimits(given: LimitClasses, solver: QpSolver): RelaxedClasses {
  let classes = given;
  const relaxations: string[] = [];
  if (isFullyInvested(given.net)) {
    const plain = feasibleLimits(given.limits);
    if (plain.status === "infeasible") return plain;
    classes = { ...given, limits: plain.limits };
    relaxations.push(...plain.relaxations);
  } else {
    const crossed = given.limits.lower.findIndex((bound, i) => bound > given.limits.upper[i]);
    if (crossed >= 0) {
      return infeasible(`asset ${crossed} has its lower bound above its upper bound`);
    }
  }
  if (isFeasible(classes, solver)) return { status: "feasible", classes, relaxations };
  for (const rung of LADDER) {
    const lifted = liftOne(classes, rung, solver);
    if (lifted !== undefined) return withRelaxations(lifted, relaxations);
  }
  for (const rung of LADDER) {
    if (rung.valueOf(classes) === Infinity) continue;
    const lifted = liftOne(classes, rung, solver);
    if (lifted !== undefined) return withRelaxations(lifted, relaxations);
    classes = rung.lift(classes, Infinity);
    relaxations.push(`${rung.name}_removed`);
  }
  const { lower, upper } = given.net;
  return infeasible(
    `no weights within their bounds and groups sum to between ${lower} and ${upper}`,
  );
}

/** A cap times a factor that may be infinite; a cap of zero stays, since what it is on is not wanted at all. */
function lifted(cap: number, factor: number, most: number): number {
  return cap === 0 ? 0 : Math.min(most, cap * factor);
}

interface Lifted {
  readonly classes: LimitClasses;
  readonly relaxation: string;
}

/** Lifts one limit as far as it takes; `undefined` when it is not there, or that makes no room. */
function liftOne(classes: LimitClasses, rung: Rung, solver: QpSolver): Lifted | undefined {
  const value = rung.valueOf(classes);
  if (value === Infinity) return undefined;
  const free = rung.lift(classes, Infinity);
  const least = rung.name.endsWith("_caps")
    ? leastFactor(classes.limits, free, rung.name, solver)
    : leastValue(free, rung.name, solver);
  if (least === undefined) return undefined;
  const needed = Math.max(value, least) * (1 + ROOM) + Number.EPSILON;
  return {
    classes: rung.lift(classes, needed),
    relaxation: `${rung.name}_lifted:${needed.toFixed(6)}`,
  };
}

function withRelaxations(
  { classes, relaxation }: Lifted,
  relaxations: readonly string[],
): RelaxedClasses {
  return { status: "feasible", classes, relaxations: [...relaxations, relaxation] };
}

function isFeasible(classes: LimitClasses, solver: QpSolver): boolean {
  const { beta, trading, grossLimit, net } = classes;
  const boundsOnly = beta === undefined && trading === undefined && grossLimit === Infinity;
  if (boundsOnly && isFullyInvested(net)) return true;
  const set = portfolioSet(classes);
  const { n, lower, upper } = classes.limits;
  const held = trading?.held;
  const equal = new Float64Array(n).fill(1 / n).map((w, i) =>
    Math.min(upper[i], Math.max(lower[i], w))
  );
  if (setViolation(set, equal) <= 0) return true;
  if (held !== undefined && setViolation(set, held) <= 0) return true;
  return solver.solve(new SetProgram(set).program()) !== undefined;
}

/** The least value of a limit that is lifted in the given classes; `undefined` when they are not feasible. */
function leastValue(
  classes: LimitClasses,
  name: string,
  solver: QpSolver,
): number | undefined {
  const program = new SetProgram(portfolioSet(withoutDistance(classes, name)));
  const { n } = classes.limits;
  const { beta, trading } = classes;
  if (name === "beta_limit" && beta !== undefined) {
    const size = program.addVariable(0, Infinity, 1);
    const indices = [...beta.betas.keys(), size];
    program.addRow({ indices, values: [...beta.betas, 1], lower: 0, upper: Infinity });
    program.addRow({
      indices,
      values: [...beta.betas.map((value) => -value), 1],
      lower: 0,
      upper: Infinity,
    });
    const found = solver.solve(program.program());
    return found && Math.max(0, found.x[size]);
  }
  const centre = name === "turnover_limit" ? trading?.held : undefined;
  const halves = name === "turnover_limit" ? 0.5 : 1;
  let total = 0;
  const sizes = Array.from({ length: n }, (_, i) => {
    const at = centre?.[i] ?? 0;
    const size = program.addVariable(0, Infinity, halves);
    program.addRow({ indices: [size, i], values: [1, -1], lower: -at, upper: Infinity });
    program.addRow({ indices: [size, i], values: [1, 1], lower: at, upper: Infinity });
    return size;
  });
  const found = solver.solve(program.program());
  if (found === undefined) return undefined;
  for (const size of sizes) total += halves * found.x[size];
  return total;
}

/** The least factor of the caps that are lifted in the given classes; `undefined` when they are not feasible. */
function leastFactor(
  { n, upper, labels, caps }: WeightLimits,
  free: LimitClasses,
  name: string,
  solver: QpSolver,
): number | undefined {
  const program = new SetProgram(portfolioSet(withoutDistance(free, name)));
  const factor = program.addVariable(1, Infinity, 1);
  const capped = name === "asset_caps"
    ? Array.from({ length: n }, (_, i) => ({ members: [i], cap: upper[i] }))
    : Array.from(caps, (cap, g) => ({
      members: Array.from(labels.keys()).filter((i) => labels[i] === g),
      cap,
    }));
  for (const { members, cap } of capped) {
    program.addRow({
      indices: [...members, factor],
      values: [...members.map(() => 1), -cap],
      lower: -Infinity,
      upper: 0,
    });
  }
  return solver.solve(program.program())?.x[factor];
}

/** Costs are no part of the least value, nor is a beta limit that is lifted. */
function withoutDistance(classes: LimitClasses, name: string): LimitClasses {
  const trading = classes.trading && { ...classes.trading, costRate: 0 };
  return name === "beta_limit" ? { ...classes, trading, beta: undefined } : { ...classes, trading };
}

function infeasible(reason: string): RelaxedClasses {
  return { status: "infeasible", reason: `Cannot allocate: ${reason}` };
}
