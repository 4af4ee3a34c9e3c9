import type { Linkage } from "../clustering/linkage.ts";
import { assertReturnsWindow, type ReturnsWindow } from "../estimators/returns_window.ts";
import type { Matrix } from "../matrix.ts";
import type { Quadrant } from "../regime/quadrant.ts";

/** Caps on the sums of groups of weights; each asset is in one group. */
export interface GroupCaps {
  /** The group of each of n assets, 0 … G − 1. */
  readonly labels: Int32Array;
  /** The largest total weight of each of G groups. */
  readonly caps: Float64Array;
}

/** What is held, and what moving away from it costs. Turnover is ½Σ|w − held|. */
export interface TradingTerms {
  /** n weights held, drifted to the day of the decision. */
  readonly held: Float64Array;
  /** Taken off the objective for each unit of Σ|w − held|, in its own unit; 0 for none. Profiles without an objective
   * to weigh it against leave it unused, and say so. */
  readonly costRate: number;
  /** The largest turnover; Infinity for none. */
  readonly turnoverLimit: number;
}

/** What barbell adds to its core. */
export interface BarbellTerms {
  /** The assets that it bets on, rising; the others are its core. */
  readonly aggressors: Int32Array;
  /** Their total weight, in [0, 1]. */
  readonly share: number;
}

/** A portfolio of n assets to be optimised: lower <= w <= upper, groups at or below their caps, Σw = 1 unless `net`
 * says otherwise, and what else is given. What a profile does not need may be left out. */
export interface AllocationProblem {
  /** n expected returns, annualised, as fractions. */
  readonly mu: Float64Array;
  /** n × n, annualised, positive semidefinite; may be singular. */
  readonly covariance: Matrix;
  /** n smallest weights; negative ones allow shorts, which the long-only profiles do not take. */
  readonly lower: Float64Array;
  /** n largest weights, >= 0. */
  readonly upper: Float64Array;
  /** None: only the assets themselves are capped. */
  readonly groups?: GroupCaps;
  /** Smallest and largest Σw; exactly 1 when left out. */
  readonly net?: { readonly lower: number; readonly upper: number };
  /** Largest Σ|w|. */
  readonly grossLimit?: number;
  /** None: weights held do not count. */
  readonly trading?: TradingTerms;
  /** Largest number of weights that are not zero. */
  readonly maxAssets?: number;
  /** Annualised, as a fraction; counts for max_sharpe alone. */
  readonly riskFreeRate: number;
  /** γ >= 0 of γ‖w‖², added to the variance by min_variance, mean_variance and market_neutral; 0 when left out. */
  readonly l2Penalty?: number;
  /** λ > 0 of μᵀw − ½λ·wᵀΣw, which mean_variance maximises; 1 when left out. */
  readonly riskAversion?: number;
  /** n betas for market_neutral, to the market that it is to be neutral to. */
  readonly betas?: Float64Array;
  /** Largest |βᵀw| of market_neutral; 0.05 when left out. */
  readonly betaLimit?: number;
  /** T returns of the n assets per period, for min_cvar. */
  readonly scenarios?: ReturnsWindow;
  /** The share of scenarios in the tail of min_cvar, in (0, 1); 0.05 when left out. */
  readonly tailShare?: number;
  /** The assets of the market, for the profile of that name. */
  readonly market?: Int32Array;
  /** For barbell. */
  readonly barbell?: BarbellTerms;
  /** For adaptive: where the market is. */
  readonly quadrant?: Quadrant;
  /** The tree of hrp and herc; when left out, Ward on the correlation distances of `covariance`. */
  readonly linkage?: Linkage;
}

/** Returns silently when the problem is well formed; whether it has a solution is another question.
 * @throws {RangeError} if there is no asset, lengths differ, a number is NaN or infinite, a variance or an
 * upper bound is negative, a group label has no cap, or a term is out of the range that {@linkcode AllocationProblem}
 * gives it */
export function assertAllocationProblem(problem: AllocationProblem): void {
  const { mu, covariance, lower, upper, groups, riskFreeRate } = problem;
  const n = mu.length;
  if (n === 0) throw new RangeError("Cannot allocate to no assets: mu is empty");
  if (covariance.rows !== n || covariance.cols !== n || covariance.data.length !== n * n) {
    throw new RangeError(
      `Cannot allocate to ${n} assets: the covariance is ${covariance.rows} × ${covariance.cols}`,
    );
  }
  assertNumbers("mean return", mu, n, -Infinity);
  assertNumbers("covariance", covariance.data, n * n, -Infinity);
  assertNumbers("lower bound", lower, n, -Infinity);
  assertNumbers("upper bound", upper, n, 0);
  assertNumbers("risk-free rate", [riskFreeRate], 1, -Infinity);
  for (let i = 0; i < n; i++) {
    const variance = covariance.data[i * n + i];
    if (variance < 0) {
      throw new RangeError(`Cannot use a negative variance: asset ${i}: ${variance}`);
    }
  }
  if (groups !== undefined) assertGroups(groups, n);
  assertTerms(problem, n);
}

function assertTerms(problem: AllocationProblem, n: number): void {
  const { net, trading, scenarios, barbell, maxAssets = n, market = [] } = problem;
  const { riskAversion = 1, tailShare = 0.05, l2Penalty = 0, betaLimit = 0 } = problem;
  assertNumbers(
    "net limit",
    net === undefined ? [] : [net.lower, net.upper],
    net ? 2 : 0,
    -Infinity,
  );
  if (problem.betas !== undefined) assertNumbers("beta", problem.betas, n, -Infinity);
  if (trading !== undefined) {
    assertNumbers("held weight", trading.held, n, -Infinity);
    assertNumbers("cost rate", [trading.costRate], 1, 0);
    assertRange("turnover limit", trading.turnoverLimit, trading.turnoverLimit >= 0);
  }
  assertNumbers("penalty", [l2Penalty], 1, 0);
  assertNumbers("beta limit", [betaLimit], 1, 0);
  assertRange("gross limit", problem.grossLimit ?? 1, (problem.grossLimit ?? 1) > 0);
  assertRange("risk aversion", riskAversion, riskAversion > 0 && riskAversion < Infinity);
  assertRange("tail share", tailShare, tailShare > 0 && tailShare < 1);
  assertRange("number of assets", maxAssets, Number.isInteger(maxAssets) && maxAssets >= 1);
  for (const i of [...market, ...barbell?.aggressors ?? []]) {
    assertRange("asset", i, i >= 0 && i < n);
  }
  const share = barbell?.share ?? 0;
  assertRange("share of aggressors", share, share >= 0 && share <= 1);
  if (scenarios === undefined) return;
  assertReturnsWindow(scenarios);
  if (scenarios.N !== n) {
    throw new RangeError(`Cannot allocate to ${n} assets by scenarios of ${scenarios.N}`);
  }
}

function assertRange(name: string, value: number, holds: boolean): void {
  if (!holds) throw new RangeError(`Cannot use ${name} ${value}: it is out of its range`);
}

function assertGroups({ labels, caps }: GroupCaps, n: number): void {
  assertNumbers("group cap", caps, caps.length, 0);
  if (labels.length !== n) {
    throw new RangeError(`Cannot group ${n} assets by ${labels.length} labels`);
  }
  for (let i = 0; i < n; i++) {
    if (labels[i] < 0 || labels[i] >= caps.length) {
      throw new RangeError(
        `Cannot cap the group of asset ${i}: its label is ${labels[i]} of ${caps.length} caps`,
      );
    }
  }
}

function assertNumbers(name: string, values: ArrayLike<number>, length: number, least: number) {
  if (values.length !== length) {
    throw new RangeError(
      `Cannot allocate: ${length} values of ${name} needed, given ${values.length}`,
    );
  }
  for (let i = 0; i < length; i++) {
    if (!Number.isFinite(values[i]) || values[i] < least) {
      throw new RangeError(`Cannot use ${name} ${i}: it is ${values[i]}`);
    }
  }
}
