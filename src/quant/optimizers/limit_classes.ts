import type { AllocationProblem, TradingTerms } from "./allocation_problem.ts";
import { cleanWeights } from "./clean_weights.ts";
import { interiorPoint } from "./interior_point.ts";
import { bindingGroups } from "./binding_groups.ts";
import type { DistanceTerm, PortfolioSet } from "./portfolio_program.ts";
import type { LinearRow } from "./qp_solver.ts";
import type { WeightLimits } from "./weight_limits.ts";

/** Everything that limits a portfolio, by kind. */
export interface LimitClasses {
  /** Bounds and group caps. */
  readonly limits: WeightLimits;
  /** Smallest and largest Σw. */
  readonly net: { readonly lower: number; readonly upper: number };
  /** |βᵀw| <= limit. */
  readonly beta?: { readonly betas: Float64Array; readonly limit: number };
  /** Largest Σ|w|; Infinity for none. */
  readonly grossLimit: number;
  /** None: weights held do not count. */
  readonly trading?: TradingTerms;
}

/** The kinds of limits of a problem. */
export function limitClasses(problem: AllocationProblem, limits: WeightLimits): LimitClasses {
  return {
    limits,
    net: problem.net ?? { lower: 1, upper: 1 },
    grossLimit: problem.grossLimit ?? Infinity,
    trading: problem.trading,
  };
}

/** Whether only a long, fully invested portfolio is asked for, whatever is held: then bounds and groups are all. */
export function isPlain(problem: AllocationProblem): boolean {
  const { lower, net, grossLimit = 1, trading } = problem;
  return trading === undefined && grossLimit >= 1 && lower.every((bound) => bound >= 0) &&
    (net === undefined || isFullyInvested(net));
}

/** Whether Σw has to be exactly 1. */
export function isFullyInvested(net: LimitClasses["net"]): boolean {
  return net.lower === 1 && net.upper === 1;
}

/** The limits as a set for programs. What is the same in all portfolios of the set by its bounds, groups and budget
 * becomes an equality or a fixed weight, so that the rest has an interior. */
export function portfolioSet(
  { limits, net, beta, grossLimit, trading }: LimitClasses,
): PortfolioSet {
  const { n } = limits;
  const all = Array.from({ length: n }, (_, i) => i);
  const rows: LinearRow[] = [{ indices: all, values: all.map(() => 1), ...net }];
  const lower = limits.lower.slice(), upper = limits.upper.slice();
  const interior = isFullyInvested(net) ? interiorPoint(limits) : undefined;
  interior?.fixed.forEach((fixed, i) => {
    if (fixed === 1) lower[i] = upper[i] = interior.weights[i];
  });
  for (const { cap, members } of bindingGroups(limits)) {
    const tight = interior?.tightGroups[limits.labels[members[0]]] === 1;
    rows.push({
      indices: members,
      values: members.map(() => 1),
      lower: tight ? cap : -Infinity,
      upper: cap,
    });
  }
  if (beta !== undefined) {
    rows.push({
      indices: all,
      values: Array.from(beta.betas),
      lower: -beta.limit,
      upper: beta.limit,
    });
  }
  const distances: DistanceTerm[] = [];
  // Of long portfolios Σ|w| is Σw, which the net limits hold already.
  if (grossLimit < Infinity && lower.some((bound) => bound < 0)) {
    distances.push({ centre: new Float64Array(n), cost: 0, limit: grossLimit });
  } else if (grossLimit < net.upper) {
    rows[0] = { ...rows[0], upper: grossLimit };
  }
  if (trading !== undefined && (trading.costRate > 0 || trading.turnoverLimit < Infinity)) {
    distances.push({
      centre: trading.held,
      cost: trading.costRate,
      limit: 2 * trading.turnoverLimit,
    });
  }
  const clean = interior && ((weights: Float64Array) => cleanWeights(limits, weights));
  return { lower, upper, rows, distances, clean };
}
