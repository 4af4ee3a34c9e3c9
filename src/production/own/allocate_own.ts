import type { AssetClusters } from "../../quant/clustering/cluster_assets.ts";
import type { AllocationSettings } from "../../quant/engines/allocation_settings.ts";
import { windowMoments } from "../../quant/engines/window_moments.ts";
import { windowProblem } from "../../quant/engines/window_problem.ts";
import type { ReturnsWindow } from "../../quant/estimators/returns_window.ts";
import type { Allocation } from "../../quant/optimizers/allocation.ts";
import type { Panel } from "../../quant/panel.ts";
import { loadOwn, type OwnReference } from "./load_own.ts";
import type { OwnProblem } from "./own_types.ts";

/** What rounding may leave of a limit. */
const TOLERANCE = 1e-9;

/** Weighs a window's assets by an optimiser of the user's own.
 * @param assets N names
 * @returns `relaxed` with `limits_exceeded:v` when weights go beyond the problem's limits by v at most
 * @throws {TypeError} when what it gives are not N finite weights */
export async function allocateByOwn(
  own: OwnReference,
  { values, T, N }: ReturnsWindow,
  assets: readonly string[],
  clusters: AssetClusters,
  settings: AllocationSettings,
): Promise<Allocation> {
  const { periodsPerYear, estimators, riskFreeRate } = settings;
  const moments = windowMoments({ values, T, N }, periodsPerYear, estimators, riskFreeRate);
  const { mu, covariance, lower, upper, groups } = windowProblem(moments, {
    clusters,
    engine: "flat",
    profile: "min_variance",
    settings,
  });
  const problem: OwnProblem = {
    returns: { values, T, N },
    assets,
    mu,
    covariance,
    lower,
    upper,
    groups: groups!,
    periodsPerYear,
    riskFreeRate,
  };
  const optimizer = await loadOwn("profiles", own.name, own);
  const weights = finiteWeights(own, Float64Array.from(optimizer(problem)), N);
  const excess = excessOf(weights, problem);
  return solved(weights, covarianceOf(problem, weights), excess);
}

/** Weighs symbols by a whole strategy of the user's own.
 * @param history training rows of all symbols
 * @returns weights over the symbols
 * @throws {TypeError} for a symbol that there is not, and a weight that is not finite */
export async function allocateByStrategy(
  own: OwnReference,
  history: Panel,
  periodsPerYear: number,
): Promise<Allocation> {
  const strategy = await loadOwn("strategies", own.name, own);
  const chosen = strategy({ returns: history, periodsPerYear });
  const weights = new Float64Array(history.symbols.length);
  for (const [symbol, weight] of Object.entries(chosen)) {
    const column = history.symbols.indexOf(symbol);
    if (column < 0) {
      throw new TypeError(`Cannot hold ${symbol} of own strategy ${own.name}: no such symbol`);
    }
    weights[column] = weight;
  }
  return solved(finiteWeights(own, weights, weights.length), 0, 0);
}

function finiteWeights({ name }: OwnReference, weights: Float64Array, N: number): Float64Array {
  if (weights.length !== N) {
    throw new TypeError(
      `Cannot use the weights of own ${name}: ${N} wanted, got ${weights.length}`,
    );
  }
  const bad = weights.findIndex((weight) => !Number.isFinite(weight));
  if (bad >= 0) {
    throw new TypeError(`Cannot use the weights of own ${name}: weight ${bad} is ${weights[bad]}`);
  }
  return weights;
}

/** By how much weights are beyond the limits at most. */
function excessOf(weights: Float64Array, { lower, upper, groups }: OwnProblem): number {
  const sums = new Float64Array(groups.caps.length);
  let excess = Math.abs(weights.reduce((sum, weight) => sum + weight, 0) - 1);
  weights.forEach((weight, i) => {
    sums[groups.labels[i]] += weight;
    excess = Math.max(excess, lower[i] - weight, weight - upper[i]);
  });
  sums.forEach((sum, g) => excess = Math.max(excess, sum - groups.caps[g]));
  return excess;
}

function covarianceOf({ covariance: { data } }: OwnProblem, weights: Float64Array): number {
  const N = weights.length;
  let variance = 0;
  for (let i = 0; i < N; i++) {
    for (let j = 0; j < N; j++) variance += weights[i] * weights[j] * data[i * N + j];
  }
  return variance;
}

function solved(weights: Float64Array, objective: number, excess: number): Allocation {
  const relaxations = excess > TOLERANCE ? [`limits_exceeded:${excess.toPrecision(3)}`] : [];
  const status = relaxations.length === 0 ? "optimal" : "relaxed";
  return { status, weights, relaxations, objective, kktResidual: 0 };
}
