import type { ReturnsWindow } from "../estimators/returns_window.ts";
import { correlationDistances } from "./correlation_distance.ts";
import { cutLinkage } from "./cut_linkage.ts";
import { leafOrder, type Linkage, linkage } from "./linkage.ts";

/** How assets are grouped by the co-movement of their returns. */
export interface AssetClusteringSettings {
  /** Rows to correlate over, averaged, for instance 60, 120 and 200. */
  readonly lookbacks: readonly number[];
  /** Ward distance at which the tree is cut, for instance 0.7. */
  readonly cutHeight: number;
  /** Clusters at most, for instance 25. */
  readonly maxClusters: number;
}

/** N assets in `count` asset clusters, with the tree that these are cut from. */
export interface AssetClusters {
  /** One label an asset, 0 … count − 1, numbered from left to right in the leaf order. */
  readonly labels: Int32Array;
  /** Asset clusters, at least 1. */
  readonly count: number;
  /** The whole tree over the N assets. */
  readonly linkage: Linkage;
  /** The assets from left to right in the tree: clusters are contiguous in it. */
  readonly leafOrder: Int32Array;
}

/** Groups assets by Ward linkage on their correlation distances.
 * @throws {RangeError} for a window that cannot be estimated from, or settings out of their range */
export function clusterAssets(
  window: ReturnsWindow,
  settings: AssetClusteringSettings,
): AssetClusters {
  const tree = linkage(correlationDistances(window, settings.lookbacks), "ward");
  const { labels, count } = cutLinkage(tree, settings.cutHeight, settings.maxClusters);
  return { labels, count, linkage: tree, leafOrder: leafOrder(tree) };
}
