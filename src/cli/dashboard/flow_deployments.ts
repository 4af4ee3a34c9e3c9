import { existsSync } from "node:fs";
import type { DeploymentSource } from "../../../cluster/head/dashboard/deployment_source.ts";
import type { DeploymentRow } from "../../../cluster/head/dashboard/schemas/deployments.ts";
import { askForRun } from "../../flow/schedule/scheduler.ts";
import { nextDueMs } from "../../flow/schedule/schedule.ts";
import { openFlowStore, type OpenRunViews, openRunViews } from "../../flow/mod.ts";
import type { Deployment } from "../../flow/store/deployments.ts";
import { scheduleText } from "../flow/schedule_flags.ts";

/** The deployments of a store of flows, for a dashboard. The store is opened once there is one. */
export class FlowDeployments implements DeploymentSource, Disposable {
  readonly isServed: boolean;
  readonly #path: string;
  readonly #start: (runId: string) => void;
  #open: OpenRunViews | undefined;

  /** @param path of the store
   * @param isServed whether this process makes the runs of schedules
   * @param start executes a run of the store, where nobody serves it */
  constructor(path: string, isServed: boolean, start: (runId: string) => void) {
    this.isServed = isServed;
    this.#path = path;
    this.#start = start;
  }

  /** Closes the store. */
  [Symbol.dispose](): void {
    this.#open?.[Symbol.dispose]();
    this.#open = undefined;
  }

  /** All of them by name. */
  list(): Promise<readonly DeploymentRow[]> {
    if (this.#open === undefined && existsSync(this.#path)) this.#open = openRunViews(this.#path);
    const store = this.#open;
    if (store === undefined) return Promise.resolve([]);
    const nowMs = Date.now();
    const open = Map.groupBy(store.views.listOpen(), ({ deployment }) => deployment);
    return Promise.resolve(
      store.deployments().map((deployment) => ({
        ...rowOf(deployment, nowMs),
        openRuns: open.get(deployment.name)?.length ?? 0,
        lastRun: lastRunOf(store, deployment.name),
      })),
    );
  }

  /** Pauses the schedule of one, or lets it go on. */
  // deno-lint-ignore require-await -- what is thrown shall be the promise's
  async hold(name: string, isPaused: boolean): Promise<void> {
    using store = openFlowStore(this.#path);
    store.deployments.put({ ...store.deployments.require(name), isPaused });
  }

  /** Starts a run of one. */
  // deno-lint-ignore require-await -- what is thrown shall be the promise's
  async run(name: string): Promise<string> {
    using store = openFlowStore(this.#path);
    const deployment = store.deployments.require(name);
    const runId = askForRun(store, deployment, "asked for at the dashboard", Date.now());
    if (!this.isServed) this.#start(runId);
    return runId;
  }
}

function rowOf(
  { name, flowName, arguments: given, schedule, isPaused }: Deployment,
  nowMs: number,
): Omit<DeploymentRow, "openRuns" | "lastRun"> {
  const isOn = schedule !== null && !isPaused;
  return {
    name,
    flowName,
    arguments: given,
    state: schedule === null ? "by hand" : isPaused ? "paused" : "on",
    schedule: scheduleText(schedule),
    nextAtMs: isOn ? nextDueMs(schedule.rule, nowMs) : undefined,
  };
}

function lastRunOf({ views }: OpenRunViews, deployment: string): DeploymentRow["lastRun"] {
  const [run] = views.list({ deployment, limit: 1 });
  if (run === undefined) return undefined;
  return { runId: run.runId, state: run.state, atMs: run.startedAtMs ?? run.createdAtMs };
}
