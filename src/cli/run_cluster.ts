import {
  type ClusterClient,
  connect,
  type EmbeddedCluster,
  startEmbeddedCluster,
} from "../../cluster/client/mod.ts";
import type { ClusterAddress } from "./cluster_address.ts";
import { dashboardLink, dashboardUrl } from "./dashboard/dashboard_url.ts";
import { FlowRuns } from "./dashboard/flow_runs.ts";
import type { OutputFolders } from "../production/run_folder.ts";
import type { ProgressReporter } from "./progress/display.ts";

/** Which cluster a command computes on. */
export interface RunClusterOptions {
  /** A running cluster; undefined: one of the command's own. */
  readonly cluster: ClusterAddress | undefined;
  /** Processes of a cluster of the command's own. */
  readonly workers: number;
  readonly logDir: string;
  /** Where tasks may write. */
  readonly writableDirs: readonly string[];
  readonly display: ProgressReporter;
  /** The folders whose flows a dashboard shows; undefined: there is none. */
  readonly dashboard: OutputFolders | undefined;
}

/** The cluster of a command: started by its first task that needs one, and left or ended with the command. */
export class RunCluster implements AsyncDisposable {
  readonly #options: RunClusterOptions;
  #client: ClusterClient | undefined;
  #embedded: Promise<EmbeddedCluster> | undefined;
  #slots = 0;
  #runs: FlowRuns | undefined;

  constructor(options: RunClusterOptions) {
    this.#options = options;
  }

  /** Connects, or starts what it has to. */
  async start(): Promise<ClusterClient> {
    const { cluster, workers, logDir, writableDirs, display, dashboard } = this.#options;
    if (cluster !== undefined) {
      this.#slots = Infinity;
      return this.#client ??= connect(cluster);
    }
    if (dashboard !== undefined) this.#runs ??= new FlowRuns(dashboard);
    this.#embedded ??= startEmbeddedCluster({
      workers,
      logDir,
      writableDirs: [...writableDirs],
      dashboard: this.#runs && { runs: this.#runs },
      onNotice: (message) => display.report({ type: "Notice", message }),
    });
    const { client } = await this.#embedded;
    this.#slots = workers;
    display.report({ type: "WorkersChanged", connected: workers });
    return client;
  }

  /** Opens the dashboard, if there shall be one: its cluster starts at once, not with the first task. */
  async showDashboard(): Promise<void> {
    const { cluster, dashboard, display } = this.#options;
    if (dashboard === undefined) return;
    await this.start();
    const link = cluster === undefined
      ? dashboardLink((await this.#embedded!).headUrl, (await this.#embedded!).token)
      : dashboardUrl(cluster.headUrl);
    display.report({ type: "Notice", message: `Dashboard: ${link}` });
  }

  /** Keeps the dashboard open, if there is one, until the signal: what a run came to is to be seen after its end. */
  async holdDashboard(signal: AbortSignal): Promise<void> {
    const { dashboard, display } = this.#options;
    if (dashboard === undefined || this.#embedded === undefined || signal.aborted) return;
    display.report({
      type: "Notice",
      message: "The run has ended. The dashboard stays until Ctrl-C.",
    });
    await new Promise((resolve) => signal.addEventListener("abort", resolve, { once: true }));
  }

  /** How many of so many tasks are running: one counts for the flow as soon as the head has it, a worker runs one at a
   * time. */
  running(tasks: number): number {
    return Math.min(tasks, this.#slots);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#client?.[Symbol.asyncDispose]();
    await (await this.#embedded)?.[Symbol.asyncDispose]();
    this.#runs?.[Symbol.dispose]();
  }
}
