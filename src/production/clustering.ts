import { sha256Hex } from "../base/hash.ts";
import { encodeValue } from "../base/value_codec.ts";
import type { SharedValue } from "../flow/mod.ts";
import type { AssetClusters } from "../quant/clustering/cluster_assets.ts";
import type { Panel } from "../quant/panel.ts";
import type { WalkForwardWindow } from "../quant/walk_forward/walk_forward_windows.ts";
import type { ProductionContext } from "./context.ts";
import { clusterWindow } from "./tasks/cluster_window.ts";
import type { Universe } from "./tasks/window_assets.ts";

/** The asset clusters of each window, from its training rows alone. */
export function cluster(
  { stages, trail, config }: ProductionContext,
  windows: readonly WalkForwardWindow[],
  universes: readonly Universe[],
  returns: SharedValue<Panel>,
): Promise<(AssetClusters | undefined)[]> {
  const { cluster_lookbacks: lookbacks, cluster_cut: cutHeight, max_clusters: maxClusters } =
    config.risk;
  const settings = { lookbacks, cutHeight, maxClusters };
  const clusterOne = ({ index, trainFrom, trainTo }: WalkForwardWindow) =>
    trail.record({
      step: "clustering",
      context: { window: index },
      inputs: { returns: returns.hash },
      run: () =>
        clusterWindow({ from: trainFrom, to: trainTo }, universes[index], returns, settings),
      outputs: (clusters) => ({
        clusters: sha256Hex(encodeValue(clusters)),
        count: clusters?.count ?? 0,
      }),
    });
  return stages.run(
    "clustering",
    windows.length,
    () => Promise.all(windows.map(clusterOne)),
    (all) => {
      const counts = all.map((clusters) => clusters?.count ?? 0);
      return `${Math.min(...counts)} to ${
        Math.max(...counts)
      } clusters in ${windows.length} windows`;
    },
  );
}
