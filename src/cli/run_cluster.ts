import {
  type ClusterClient,
  connect,
  type EmbeddedCluster,
  startEmbeddedCluster,
} from "../../cluster/client/mod.ts";
import type { ClusterAddress } from "./cluster_address.ts";
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
}

/** The cluster of a command: started by its first task that needs one, and left or ended with the command. */
export class RunCluster implements AsyncDisposable {
  readonly #options: RunClusterOptions;
  #client: ClusterClient | undefined;
  #embedded: Promise<EmbeddedCluster> | undefined;
  #slots = 0;

  constructor(options: RunClusterOptions) {
    this.#options = options;
  }

  /** Connects, or starts what it has to. */
  async start(): Promise<ClusterClient> {
    const { cluster, workers, logDir, writableDirs, display } = this.#options;
    if (cluster !== undefined) {
      this.#slots = Infinity;
      return this.#client ??= connect(cluster);
    }
    this.#embedded ??= startEmbeddedCluster({
      workers,
      logDir,
      writableDirs: [...writableDirs],
      onNotice: (message) => display.report({ type: "Notice", message }),
    });
    const { client } = await this.#embedded;
    this.#slots = workers;
    display.report({ type: "WorkersChanged", connected: workers });
    return client;
  }

  /** How many of so many tasks are running: one counts for the flow as soon as the head has it, a worker runs one at a
   * time. */
  running(tasks: number): number {
    return Math.min(tasks, this.#slots);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#client?.[Symbol.asyncDispose]();
    await (await this.#embedded)?.[Symbol.asyncDispose]();
  }
}
