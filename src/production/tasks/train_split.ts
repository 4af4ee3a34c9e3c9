import { task } from "../../flow/mod.ts";
import {
  type AssetClusteringSettings,
  clusterAssets,
} from "../../quant/clustering/cluster_assets.ts";
import type { AllocationSettings } from "../../quant/engines/allocation_settings.ts";
import type { Panel } from "../../quant/panel.ts";
import type { SplitRange } from "../../quant/walk_forward/combinatorial_splits.ts";
import { type OptimisationProblem, weighWindow, type WindowWeights } from "./optimise_window.ts";
import { ALL, trainingWindow } from "./window_assets.ts";

/** One split of a cross-validation: what it trains on, and the chains of weights that it trains. */
export interface SplitTraining {
  /** Training rows, in order, before and after what is tested. */
  readonly train: readonly SplitRange[];
  /** The columns that may be held: those with a return on every row, for they are held on any. */
  readonly columns: Int32Array;
  readonly chains: readonly Omit<OptimisationProblem, "train" | "universe" | "clusters">[];
}

/** Trains every chain of weights on the training rows of a split, joined as if there were nothing between them. Weights
 * depend on these rows alone. One result a chain, in their order. */
export const trainSplit = task(
  "train-split",
  async (
    { train, columns, chains }: SplitTraining,
    returns: Panel,
    clustering: AssetClusteringSettings,
    allocation: AllocationSettings,
  ): Promise<WindowWeights[]> => {
    const joined = joinRows(returns, train);
    const rows = { from: 0, to: joined.timestampsS.length };
    const universe = { type: "columns", columns } as const;
    const window = trainingWindow(joined, rows, universe);
    const clusters = window.N === 0 ? undefined : clusterAssets(window, clustering);
    const weights: WindowWeights[] = [];
    for (const chain of chains) {
      weights.push(
        await weighWindow({ ...chain, train: rows, universe, clusters }, joined, allocation),
      );
    }
    return weights;
  },
  // A process that the system ends for want of memory says nothing of the task: it is tried again elsewhere.
  { run: "cluster", module: import.meta.url, retries: 2 },
);

/** The columns of a panel that have a return on every row. */
export function completeColumns(panel: Panel): Int32Array {
  return trainingWindow(panel, { from: 0, to: panel.timestampsS.length }, ALL).assets;
}

function joinRows(
  { timestampsS, symbols, values }: Panel,
  ranges: readonly SplitRange[],
): Panel {
  const N = symbols.length;
  const T = ranges.reduce((sum, { from, to }) => sum + to - from, 0);
  const joined = { timestampsS: new Float64Array(T), symbols, values: new Float64Array(T * N) };
  let row = 0;
  for (const { from, to } of ranges) {
    joined.timestampsS.set(timestampsS.subarray(from, to), row);
    joined.values.set(values.subarray(from * N, to * N), row * N);
    row += to - from;
  }
  return joined;
}
