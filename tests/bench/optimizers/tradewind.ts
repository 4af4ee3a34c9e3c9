import { createRng } from "../../../src/base/rng.ts";
import { type AssetClusters, clusterAssets } from "../../../src/quant/clustering/cluster_assets.ts";
import { allocateMoments } from "../../../src/quant/engines/allocate_window.ts";
import { windowMoments } from "../../../src/quant/engines/window_moments.ts";
import type { ReturnsWindow } from "../../../src/quant/estimators/returns_window.ts";
import type { ProfileName } from "../../../src/quant/optimizers/profiles.ts";
import type { QpSolver } from "../../../src/quant/optimizers/qp_solver.ts";

const CLUSTERING = { lookbacks: [252], cutHeight: 0.7, maxClusters: 25 };
const SETTINGS = {
  periodsPerYear: 252,
  clusterCap: 1,
  maxWeight: 1,
  riskFreeRate: 0,
  riskAversion: 4,
};

/** Daily returns of a seeded factor model: a market of 1 % volatility, ten sectors of 0.6 %, and 1.5 % of each asset's
 * own; betas from 0.5 to 1.5, means from 0 to 20 % a year. */
export function factorPanel(seed: number, T: number, N: number): Float64Array {
  const rng = createRng(seed);
  const betas = Array.from({ length: N }, () => 0.5 + rng.next());
  const means = Array.from({ length: N }, () => 0.2 * rng.next() / 252);
  const values = new Float64Array(T * N);
  for (let t = 0; t < T; t++) {
    const market = 0.01 * rng.normal();
    const sectors = Array.from({ length: 10 }, () => 0.006 * rng.normal());
    for (let i = 0; i < N; i++) {
      values[t * N + i] = means[i] + betas[i] * market + sectors[i % 10] + 0.015 * rng.normal();
    }
  }
  return values;
}

/** The first n columns of the last rows. */
export function lastWindow(
  values: Float64Array,
  N: number,
  rows: number,
  n: number,
): ReturnsWindow {
  const from = values.length / N - rows;
  const picked = new Float64Array(rows * n);
  for (let t = 0; t < rows; t++) {
    picked.set(values.subarray((from + t) * N, (from + t) * N + n), t * n);
  }
  return { values: picked, T: rows, N: n };
}

/** From returns to weights, as the peers do it: moments, tree and all.
 * @throws {Error} when there is no answer, or one that is not proven */
export function solveOnce(window: ReturnsWindow, profile: ProfileName, solver: QpSolver): void {
  const moments = windowMoments(window, SETTINGS.periodsPerYear);
  const clusters = /hrp|herc|barbell/.test(profile)
    ? clusterAssets(window, CLUSTERING)
    : oneCluster(window.N);
  const found = allocateMoments(moments, {
    clusters,
    engine: "flat",
    profile,
    settings: SETTINGS,
    market: Int32Array.of(0),
    quadrant: "EXPANSION",
  }, solver);
  if (found.status === "infeasible") throw new Error(`${profile}: ${found.reason}`);
}

function oneCluster(N: number): AssetClusters {
  const empty = { left: new Int32Array(), right: new Int32Array(), sizes: new Int32Array() };
  return {
    labels: new Int32Array(N),
    count: 1,
    linkage: { n: N, heights: new Float64Array(), ...empty },
    leafOrder: new Int32Array(N),
  };
}
