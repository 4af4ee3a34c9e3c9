import { pruneLinkage } from "../clustering/prune_linkage.ts";
import type { ReturnsWindow } from "../estimators/returns_window.ts";
import type { AllocationProblem } from "./allocation_problem.ts";
import { submatrix } from "./quadratic_form.ts";

/** The same problem over some of its assets, in rising order: the others weigh nothing, and selling what is held of
 * them counts against the turnover limit. The number of assets is not limited any more, nor is there a barbell. */
export function restrictProblem(
  problem: AllocationProblem,
  assets: readonly number[],
): AllocationProblem {
  const pick = (values: Float64Array) => Float64Array.from(assets, (i) => values[i]);
  const position = new Map(assets.map((i, k) => [i, k]));
  const places = (chosen: Int32Array) =>
    Int32Array.from(Array.from(chosen).flatMap((i) => position.get(i) ?? []));
  const { barbell, market, groups, trading, betas, scenarios, linkage } = problem;
  const dropped = trading === undefined ? 0 : soldOf(trading.held, assets);
  return {
    ...problem,
    mu: pick(problem.mu),
    covariance: submatrix(problem.covariance, assets),
    lower: pick(problem.lower),
    upper: pick(problem.upper),
    groups: groups && { ...groups, labels: Int32Array.from(assets, (i) => groups.labels[i]) },
    trading: trading && {
      ...trading,
      held: pick(trading.held),
      turnoverLimit: Math.max(0, trading.turnoverLimit - dropped),
    },
    betas: betas && pick(betas),
    scenarios: scenarios && columns(scenarios, assets),
    linkage: linkage && pruneLinkage(linkage, assets),
    maxAssets: undefined,
    barbell: barbell && { ...barbell, aggressors: places(barbell.aggressors) },
    market: market && places(market),
  };
}

/** n weights from those of a restricted problem. */
export function spreadWeights(
  n: number,
  assets: readonly number[],
  weights: Float64Array,
): Float64Array {
  const all = new Float64Array(n);
  assets.forEach((i, k) => all[i] = weights[k]);
  return all;
}

/** ½Σ|held| of the assets that are left out. */
function soldOf(held: Float64Array, assets: readonly number[]): number {
  const all = held.reduce((sum, weight) => sum + Math.abs(weight), 0);
  return 0.5 * assets.reduce((rest, i) => rest - Math.abs(held[i]), all);
}

function columns({ values, T, N }: ReturnsWindow, assets: readonly number[]): ReturnsWindow {
  const picked = new Float64Array(T * assets.length);
  for (let t = 0; t < T; t++) {
    assets.forEach((i, k) => picked[t * assets.length + k] = values[t * N + i]);
  }
  return { values: picked, T, N: assets.length };
}
