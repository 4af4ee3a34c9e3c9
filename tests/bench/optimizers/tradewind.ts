import { type AssetClusters, clusterAssets } from "../../../src/quant/clustering/cluster_assets.ts";
import { allocateMoments } from "../../../src/quant/engines/allocate_window.ts";
import { type WindowMoments, windowMoments } from "../../../src/quant/engines/window_moments.ts";
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

/** Profiles that need the tree of the assets. */
const OF_A_TREE: ReadonlySet<ProfileName> = new Set(["hrp", "herc", "barbell"]);

/** From returns to weights, as the peers do it: moments, tree and all.
 * @throws {Error} when there is no answer, or one that is not proven */
export function solveOnce(
  window: ReturnsWindow,
  profile: ProfileName,
  solver: QpSolver,
): Float64Array {
  const clusters = OF_A_TREE.has(profile)
    ? clusterAssets(window, CLUSTERING)
    : oneCluster(window.N);
  return solve(windowMoments(window, SETTINGS.periodsPerYear), clusters, profile, solver);
}

/** As {@linkcode solveOnce} for several profiles, as a run does it: moments and tree once for all of them. */
export function solveTogether(
  window: ReturnsWindow,
  profiles: readonly ProfileName[],
  solver: QpSolver,
): void {
  const clusters = clusterAssets(window, CLUSTERING);
  const moments = windowMoments(window, SETTINGS.periodsPerYear);
  for (const profile of profiles) solve(moments, clusters, profile, solver);
}

function solve(
  moments: WindowMoments,
  clusters: AssetClusters,
  profile: ProfileName,
  solver: QpSolver,
): Float64Array {
  const found = allocateMoments(moments, {
    clusters,
    engine: "flat",
    profile,
    // Nothing long alone is neutral to a market that all assets rise and fall with.
    settings: profile === "market_neutral" ? { ...SETTINGS, maxShort: 0.05 } : SETTINGS,
    market: Int32Array.of(0),
    quadrant: "EXPANSION",
  }, solver);
  if (found.status === "infeasible") throw new Error(`${profile}: ${found.reason}`);
  return found.weights;
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
