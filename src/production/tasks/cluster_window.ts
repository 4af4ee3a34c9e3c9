import { task } from "../../flow/mod.ts";
import {
  type AssetClusteringSettings,
  type AssetClusters,
  clusterAssets,
} from "../../quant/clustering/cluster_assets.ts";
import type { Panel } from "../../quant/panel.ts";
import { type RowRange, trainingWindow, type Universe } from "./window_assets.ts";

/** The asset clusters of one window, over what of its universe is complete in its training rows; undefined
 * when nothing is. */
export const clusterWindow = task(
  "cluster-window",
  (
    train: RowRange,
    universe: Universe,
    returns: Panel,
    settings: AssetClusteringSettings,
  ): AssetClusters | undefined => {
    const window = trainingWindow(returns, train, universe);
    return window.N === 0 ? undefined : clusterAssets(window, settings);
  },
  // A process that the system ends for want of memory says nothing of the task: it is tried again elsewhere.
  { run: "cluster", module: import.meta.url, retries: 2 },
);
