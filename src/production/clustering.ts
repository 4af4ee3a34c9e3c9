import { sha256Hex } from "../base/hash.ts";
import { encodeValue } from "../base/value_codec.ts";
import type { SharedValue } from "../flow/mod.ts";
import type { ProductionConfig } from "../manifest/config.ts";
import type { AssetClusteringSettings, AssetClusters } from "../quant/clustering/cluster_assets.ts";
import type { Panel } from "../quant/panel.ts";
import type { WalkForwardWindow } from "../quant/walk_forward/walk_forward_windows.ts";
import type { ProductionContext } from "./context.ts";
import { ANY } from "./grid.ts";
import type { Universes } from "./selection.ts";
import { clusterWindow } from "./tasks/cluster_window.ts";
import type { Universe } from "./tasks/window_assets.ts";

/** Asset clusters by mode of selection, one a window; undefined where nothing is complete. */
export type WindowClusters = ReadonlyMap<string, readonly (AssetClusters | undefined)[]>;

/** The asset clusters of each window and mode of selection, from its training rows alone. */
export function cluster(
  { stages, trail, config }: ProductionContext,
  windows: readonly WalkForwardWindow[],
  universes: Universes,
  returns: SharedValue<Panel>,
): Promise<WindowClusters> {
  const settings = clusteringSettings(config);
  // What depends on no selection is not clustered.
  const modes = [...universes].filter(([mode]) => mode !== ANY);
  const clusterOne = (
    mode: string,
    universe: Universe,
    { index, trainFrom, trainTo }: WalkForwardWindow,
  ) =>
    trail.record({
      step: "clustering",
      context: { selection: mode, window: index },
      inputs: { returns: returns.hash },
      run: () => clusterWindow({ from: trainFrom, to: trainTo }, universe, returns, settings),
      outputs: (clusters) => ({
        clusters: sha256Hex(encodeValue(clusters)),
        count: clusters?.count ?? 0,
      }),
    });
  return stages.run(
    "clustering",
    modes.length * windows.length,
    async () =>
      new Map(
        await Promise.all(modes.map(async ([mode, ofMode]) =>
          [
            mode,
            await Promise.all(windows.map((window, i) => clusterOne(mode, ofMode[i], window))),
          ] as const
        )),
      ),
    (byMode) => {
      const counts = [...byMode.values()].flat().map((clusters) => clusters?.count ?? 0);
      if (counts.length === 0) return "none needed";
      return `${Math.min(...counts)} to ${
        Math.max(...counts)
      } clusters in ${windows.length} windows`;
    },
  );
}

/** How a configuration clusters assets. */
export function clusteringSettings({ risk }: ProductionConfig): AssetClusteringSettings {
  const { cluster_lookbacks: lookbacks, cluster_cut: cutHeight, max_clusters: maxClusters } = risk;
  return { lookbacks, cutHeight, maxClusters };
}
