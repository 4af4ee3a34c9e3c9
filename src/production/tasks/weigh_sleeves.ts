import { task } from "../../flow/mod.ts";
import {
  allocateSleeves,
  type SleeveAllocationSettings,
} from "../../quant/meta/allocate_sleeves.ts";
import type { Allocation } from "../../quant/optimizers/allocation.ts";
import type { ProfileName } from "../../quant/optimizers/profiles.ts";
import { loadQpSolver, type QpSolver } from "../../quant/optimizers/qp_solver.ts";
import type { Panel } from "../../quant/panel.ts";
import type { RowRange } from "./window_assets.ts";

let solver: Promise<QpSolver> | undefined;

/** Weights of the sleeves of one window, from its training rows alone. */
export const weighSleeves = task(
  "weigh-sleeves",
  async (
    { from, to }: RowRange,
    returns: Panel,
    profile: ProfileName,
    settings: SleeveAllocationSettings,
  ): Promise<Allocation> => {
    const N = returns.symbols.length;
    const values = returns.values.subarray(from * N, to * N);
    solver ??= loadQpSolver();
    return allocateSleeves({ values, T: to - from, N }, profile, settings, await solver);
  },
  // A few sleeves take less than the way to a worker.
  { run: "local", module: import.meta.url },
);
