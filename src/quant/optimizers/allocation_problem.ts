import type { Linkage } from "../clustering/linkage.ts";
import type { Matrix } from "../matrix.ts";

/** Caps on the sums of groups of weights; each asset is in one group. */
export interface GroupCaps {
  /** The group of each of n assets, 0 … G − 1. */
  readonly labels: Int32Array;
  /** The largest total weight of each of G groups. */
  readonly caps: Float64Array;
}

/** A long-only, fully invested portfolio of n assets to be optimised: Σw = 1, lower <= w <= upper, and groups at
 * or below their caps. */
export interface AllocationProblem {
  /** n expected returns, annualised, as fractions. */
  readonly mu: Float64Array;
  /** n × n, annualised, positive semidefinite; may be singular. */
  readonly covariance: Matrix;
  /** n smallest weights, >= 0. */
  readonly lower: Float64Array;
  /** n largest weights; above 1 is the same as 1. */
  readonly upper: Float64Array;
  /** None: only the assets themselves are capped. */
  readonly groups?: GroupCaps;
  /** Annualised, as a fraction; counts for max_sharpe alone. */
  readonly riskFreeRate: number;
  /** The tree that hrp bisects; when left out, Ward on the correlation distances of `covariance`. */
  readonly linkage?: Linkage;
}

/** Returns silently when the problem is well formed; whether it has a solution is another question.
 * @throws {RangeError} if there is no asset, lengths differ, a number is NaN or infinite, a variance or a bound is
 * negative, or a group label has no cap */
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
  assertNumbers("lower bound", lower, n, 0);
  assertNumbers("upper bound", upper, n, 0);
  assertNumbers("risk-free rate", [riskFreeRate], 1, -Infinity);
  for (let i = 0; i < n; i++) {
    const variance = covariance.data[i * n + i];
    if (variance < 0) {
      throw new RangeError(`Cannot use a negative variance: asset ${i}: ${variance}`);
    }
  }
  if (groups !== undefined) assertGroups(groups, n);
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
