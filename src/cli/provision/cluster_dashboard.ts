import { resolve } from "@std/path";
import type { DashboardOptions } from "../../../cluster/head/dashboard/run_source.ts";
import type { Cost } from "../../../cluster/head/dashboard/schemas/cluster.ts";
import type { ClusterState } from "../../../provision/planning/state.ts";
import { outputFolders } from "../../production/run_folder.ts";
import { FlowRuns } from "../dashboard/flow_runs.ts";
import { DEFAULT_OUT } from "../production_arguments.ts";
import { livingNodes, priceOf, spentUsd } from "./node_text.ts";

/** What the dashboard of a cluster's head shows beside what the head knows: what the machines cost, and the flows that
 * were run from where `cluster:up` was. */
export class ClusterDashboard implements Disposable {
  readonly options: DashboardOptions;
  readonly #runs: FlowRuns;

  /** @param head where runs that are retried compute */
  constructor(
    state: () => ClusterState,
    head: () => { readonly url: string; readonly tokenFile: string },
  ) {
    const folders = outputFolders(resolve(DEFAULT_OUT));
    this.#runs = new FlowRuns(folders, async (runId) => {
      // It knows the flows of production, which a keeper has no other use for.
      const { resumeRun } = await import("../dashboard/resume_run.ts");
      resumeRun(folders, runId, head());
    });
    this.options = { runs: this.#runs, cost: () => Promise.resolve(costOf(state())) };
  }

  /** Closes the store of flows. */
  [Symbol.dispose](): void {
    this.#runs[Symbol.dispose]();
  }
}

/** What the nodes cost; undefined where no price is known. */
function costOf(state: ClusterState): Cost | undefined {
  const usdPerHour = priceOf(state);
  const usdSoFar = spentUsd(state, Date.now());
  if (usdPerHour === 0 && usdSoFar === 0) return undefined;
  return { usdPerHour, usdSoFar, machines: livingNodes(state).length };
}
