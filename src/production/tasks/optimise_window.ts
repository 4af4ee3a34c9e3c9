import { task } from "../../flow/mod.ts";
import type { AssetClusters } from "../../quant/clustering/cluster_assets.ts";
import { allocateWindow } from "../../quant/engines/allocate_window.ts";
import type { AllocationSettings } from "../../quant/engines/allocation_settings.ts";
import type { EngineName } from "../../quant/engines/engine_names.ts";
import type { Allocation } from "../../quant/optimizers/allocation.ts";
import type { ProfileName } from "../../quant/optimizers/profiles.ts";
import { loadQpSolver, type QpSolver } from "../../quant/optimizers/qp_solver.ts";
import type { Panel } from "../../quant/panel.ts";
import { readMarket } from "../../quant/regime/read_market.ts";
import { type RowRange, trainingWindow, type Universe } from "./window_assets.ts";

/** What one (window, engine, profile) is to hold: an allocation whose weights go over all columns of the returns, or
 * with atoms over these. */
export type WindowWeights = Allocation;

/** One (window, engine, profile). */
export interface OptimisationProblem {
  readonly train: RowRange;
  readonly universe: Universe;
  /** Over what of the universe is complete in the training rows; undefined when nothing is. */
  readonly clusters: AssetClusters | undefined;
  readonly engine: EngineName;
  readonly profile: ProfileName;
}

let solver: Promise<QpSolver> | undefined;

/** Optimises one window. Weights depend on training rows alone. */
export const optimiseWindow = task(
  "optimise-window",
  async (
    { train, universe, clusters, engine, profile }: OptimisationProblem,
    returns: Panel,
    settings: AllocationSettings,
  ): Promise<WindowWeights> => {
    if (clusters === undefined) {
      const what = universe.type === "all" ? "no asset" : "nothing that was selected";
      return { status: "infeasible", reason: `${what} has a return on every training row` };
    }
    const window = trainingWindow(returns, train, universe);
    // Loaded once a process: compiling it takes longer than a thousand small problems.
    solver ??= loadQpSolver();
    const market = profile === "barbell" || profile === "adaptive"
      // Of all symbols that are complete, whatever was selected or synthesised of them.
      ? readMarket(trainingWindow(returns, train), settings.periodsPerYear)
      : undefined;
    const allocation = allocateWindow(
      { ...window, clusters, engine, profile, settings, ...market },
      await solver,
    );
    if (allocation.status === "infeasible") return allocation;
    const weights = new Float64Array(
      universe.type === "atoms" ? universe.atoms.length : returns.symbols.length,
    );
    window.assets.forEach((column, i) => weights[column] = allocation.weights[i]);
    return { ...allocation, weights };
  },
  // A process that the system ends for want of memory says nothing of the task: it is tried again elsewhere.
  { run: "cluster", module: import.meta.url, retries: 2 },
);
