import type { Matrix } from "../matrix.ts";
import { choleskyFactor, choleskySolve } from "./cholesky.ts";
import { meanReturns } from "./mean_returns.ts";
import type { ReturnsWindow } from "./returns_window.ts";

/** Means shrunk towards a common one. */
export interface ShrunkMeans {
  /** N means per period, as fractions; not annualised. */
  readonly means: Float64Array;
  /** The weight of the common mean, between 0 and 1. */
  readonly shrinkage: number;
}

/** Added to the diagonal, in mean variances, where the covariance is singular. */
const RIDGE = 1e-8;

/** The Bayes–Stein means, the James–Stein estimator of portfolio theory: shrunk towards the mean of the minimum
 * variance portfolio g = 1ᵀΣ⁻¹m / 1ᵀΣ⁻¹1 by (N + 2) / (N + 2 + T·(m − g)ᵀΣ⁻¹(m − g)). As skfolio's `ShrunkMu` with
 * its method Bayes–Stein and `vol_weighted_target`.
 * @param covariance Σ of the same window, per period; a ridge is added where it is singular, and one of zeros shrinks
 * everything to the plain mean
 * @throws {RangeError} for a window that cannot be estimated from (see {@linkcode ReturnsWindow})
 * Source: Jorion (1986), "Bayes-Stein estimation for portfolio analysis", equations 14 and 17, without his factor
 * (T − 1)/(T − N − 2) on Σ, which needs T > N + 2. */
export function bayesSteinMeans(window: ReturnsWindow, covariance: Matrix): ShrunkMeans {
  const means = meanReturns(window);
  const { T, N } = window;
  const factor = factorOf(covariance);
  if (factor === undefined) {
    const plain = means.reduce((sum, mean) => sum + mean, 0) / N;
    return { means: means.fill(plain), shrinkage: 1 };
  }
  const inverseOnes = new Float64Array(N).fill(1);
  choleskySolve(factor, N, inverseOnes);
  let along = 0, total = 0;
  inverseOnes.forEach((value, i) => {
    along += value * means[i];
    total += value;
  });
  const target = along / total;
  const scaled = means.map((mean) => mean - target);
  choleskySolve(factor, N, scaled);
  const spread = scaled.reduce((sum, value, i) => sum + value * (means[i] - target), 0);
  const shrinkage = (N + 2) / (N + 2 + T * Math.max(0, spread));
  return { means: means.map((mean) => target + (1 - shrinkage) * (mean - target)), shrinkage };
}

function factorOf({ rows: N, data }: Matrix): Float64Array | undefined {
  const factor = data.slice();
  if (choleskyFactor(factor, N)) return factor;
  let trace = 0;
  for (let i = 0; i < N; i++) trace += data[i * N + i];
  factor.set(data);
  for (let i = 0; i < N; i++) factor[i * N + i] += RIDGE * trace / N;
  return choleskyFactor(factor, N) ? factor : undefined;
}
