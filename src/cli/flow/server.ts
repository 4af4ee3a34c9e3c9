import { fromFileUrl, join } from "@std/path";
import { systemClock } from "../../base/clock.ts";
import { errorMessage } from "../../base/errors.ts";
import { deliverDue } from "../../flow/notify/deliver.ts";
import { type RunLauncher, serveRound } from "../../flow/schedule/scheduler.ts";
import { type FlowStore, openFlowStore } from "../../flow/store/flow_store.ts";

const ROUND_MS = 1000;
const STOP_GRACE_MS = 10_000;
const FLOW_PROGRAM = fromFileUrl(new URL("../flow.ts", import.meta.url));

/** What a server of flows is started with. */
export interface FlowServerOptions {
  /** The output folder, with the store of flows in it. */
  readonly out: string;
  /** Flags for the processes of runs: which cluster they use. */
  readonly executionFlags: readonly string[];
  /** A line about what goes on, for people. */
  readonly onNotice: (message: string) => void;
}

/** Makes the runs of schedules when they are due, executes them in processes of their own, goes on with what crashed, and
 * tells those who want to know. Several servers of one store do no harm: each time has one run, and each run one process. */
export class FlowServer implements AsyncDisposable {
  readonly #options: FlowServerOptions;
  readonly #store: FlowStore;
  readonly #launcher: ProcessLauncher;
  readonly #stopWatching: () => void;
  readonly #timer: ReturnType<typeof setInterval>;
  #delivering: Promise<unknown> | undefined;

  /** Opens the store and begins. */
  constructor(options: FlowServerOptions) {
    this.#options = options;
    this.#store = openFlowStore(join(options.out, "flow.db"));
    this.#launcher = new ProcessLauncher(options);
    this.#stopWatching = this.#store.onChange(() => {});
    this.#timer = setInterval(() => this.#round(), ROUND_MS);
    this.#round();
  }

  #round(): void {
    const { onNotice } = this.#options;
    try {
      serveRound(this.#store, this.#launcher, systemClock.nowMs(), onNotice);
    } catch (error) {
      // What fails now, for instance as the disk is full, may work in the next round.
      onNotice(`error: ${errorMessage(error)}`);
    }
    this.#delivering ??= deliverDue(this.#store, systemClock, onNotice).finally(() => {
      this.#delivering = undefined;
    });
  }

  /** Lets the processes of runs come to an end, which cancels these, and closes the store. */
  async [Symbol.asyncDispose](): Promise<void> {
    clearInterval(this.#timer);
    this.#stopWatching();
    await this.#launcher.stop();
    await this.#delivering;
    await deliverDue(this.#store, systemClock, this.#options.onNotice);
    this.#store[Symbol.dispose]();
  }
}

/** Executes each run as `flow retry` in a process of its own. */
class ProcessLauncher implements RunLauncher {
  readonly #options: FlowServerOptions;
  readonly #processes = new Map<string, Deno.ChildProcess>();

  constructor(options: FlowServerOptions) {
    this.#options = options;
  }

  isStarted(runId: string): boolean {
    return this.#processes.has(runId);
  }

  start(runId: string): void {
    const { out, executionFlags, onNotice } = this.#options;
    const process = new Deno.Command(Deno.execPath(), {
      args: [
        "run",
        "--quiet",
        "--allow-all",
        FLOW_PROGRAM,
        "retry",
        runId,
        "--out",
        out,
        ...executionFlags,
      ],
      stdin: "null",
      stdout: "null",
      stderr: "inherit",
    }).spawn();
    this.#processes.set(runId, process);
    process.status.then(({ code, signal }) => {
      this.#processes.delete(runId);
      const how = signal === null ? `with ${code}` : `by ${signal}`;
      onNotice(`${runId} ended ${how}`);
    });
  }

  async stop(): Promise<void> {
    const processes = [...this.#processes.values()];
    for (const process of processes) process.kill("SIGTERM");
    const timer = setTimeout(() => {
      for (const process of this.#processes.values()) process.kill("SIGKILL");
    }, STOP_GRACE_MS);
    await Promise.all(processes.map(({ status }) => status));
    clearTimeout(timer);
  }
}
