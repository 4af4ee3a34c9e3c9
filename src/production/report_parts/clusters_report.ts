import type { RiskConfig } from "../../manifest/risk_config.ts";
import { clusterAssets } from "../../quant/clustering/cluster_assets.ts";
import { correlations } from "../../quant/clustering/correlations.ts";
import { cutLinkage } from "../../quant/clustering/cut_linkage.ts";
import type { Panel } from "../../quant/panel.ts";
import type { WalkForwardWindow } from "../../quant/walk_forward/walk_forward_windows.ts";
import type { ClustersReport } from "../../report/mod.ts";
import { type TrainingWindow, trainingWindow } from "../tasks/window_assets.ts";
import { isoDay } from "./iso_day.ts";

/** More assets than this make a tree that nobody can read. */
const MOST_ASSETS = 60;

/** How the symbols hang together in the training rows of a window: those that are complete in them, and of too many the
 * most held ones.
 * @param weights rows of weights, one value a symbol of the panel: what is held decides who is shown
 * @returns null for fewer than two symbols */
export function clustersReport(
  panel: Panel,
  { index, trainFrom, trainTo }: WalkForwardWindow,
  risk: RiskConfig,
  weights: readonly Float64Array[],
): ClustersReport | null {
  const all = trainingWindow(panel, { from: trainFrom, to: trainTo });
  if (all.N < 2) return null;
  const shown = mostHeld(all, weights);
  const tree = clusterAssets(shown, {
    lookbacks: risk.cluster_lookbacks,
    cutHeight: risk.cluster_cut,
    maxClusters: risk.max_clusters,
  });
  const { height } = cutLinkage(tree.linkage, risk.cluster_cut, risk.max_clusters);
  const order = [...tree.leafOrder];
  const places = new Map(order.map((leaf, place) => [leaf, place]));
  const nodeOf = (node: number) => places.get(node) ?? node;
  const rho = correlations(shown);
  const { left, right, heights } = tree.linkage;
  return {
    window: index,
    from: isoDay(panel.timestampsS[trainFrom]),
    to: isoDay(panel.timestampsS[trainTo - 1]),
    assets: order.map((leaf) => panel.symbols[shown.assets[leaf]]),
    labels: order.map((leaf) => tree.labels[leaf]),
    merges: [...heights].map((height, k) => ({
      left: nodeOf(left[k]),
      right: nodeOf(right[k]),
      height,
    })),
    cutHeight: height,
    correlations: order.map((i) => order.map((j) => rounded(rho.data[i * rho.cols + j]))),
    omitted: all.N - shown.N,
  };
}

function mostHeld(window: TrainingWindow, weights: readonly Float64Array[]): TrainingWindow {
  if (window.N <= MOST_ASSETS) return window;
  const size = (column: number) => weights.reduce((sum, row) => sum + Math.abs(row[column]), 0);
  const sizes = [...window.assets].map((column, k) => ({ k, size: size(column) }));
  const kept = sizes.sort((a, b) => b.size - a.size || a.k - b.k).slice(0, MOST_ASSETS)
    .map(({ k }) => k).sort((a, b) => a - b);
  const values = new Float64Array(window.T * kept.length);
  for (let t = 0, at = 0; t < window.T; t++) {
    for (const k of kept) values[at++] = window.values[t * window.N + k];
  }
  const assets = Int32Array.from(kept, (k) => window.assets[k]);
  return { values, T: window.T, N: kept.length, assets };
}

/** Four digits are more than a picture shows. */
function rounded(correlation: number): number {
  return Math.round(correlation * 1e4) / 1e4;
}
