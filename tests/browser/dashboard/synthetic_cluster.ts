import { connect } from "../../../cluster/client/mod.ts";
import type { ClusterClient } from "../../../cluster/client/mod.ts";
import { Head, type HeadOptions } from "../../../cluster/head/head.ts";
import type { WorkerMessage } from "../../../cluster/protocol/messages.ts";
import { type ScriptedWorker, scriptedWorker } from "../../cluster/head/scripted_worker.ts";

/** What a synthetic cluster is made of. */
export interface SyntheticSize {
  readonly nodes: number;
  /** Tasks that end at once. */
  readonly ended: number;
  /** Tasks that stay: each node runs as many as it has cpus, the others wait. */
  readonly waiting: number;
}

/** A head with workers without processes, so that it holds what a large cluster does. */
export class SyntheticCluster implements AsyncDisposable {
  readonly head: Head;
  readonly #client: ClusterClient;
  readonly #workers: ScriptedWorker[] = [];
  #ended = 0;

  constructor(options: HeadOptions) {
    this.head = new Head(options);
    this.#client = connect({ headUrl: this.head.url, token: options.token, code: "in-place" });
  }

  /** Joins nodes, then has tasks end or stay. */
  async fill({ nodes, ended, waiting }: SyntheticSize): Promise<void> {
    for (let i = 0; i < nodes; i++) {
      this.#workers.push(scriptedWorker(
        this.head,
        ({ taskId, attemptId }) => this.#answer(taskId, attemptId, ended),
        {
          workerId: `node-${String(i + 1).padStart(3, "0")}`,
          capacity: { cpus: 4, memoryBytes: 16e9 },
        },
      ));
    }
    while ((await this.#client.status()).workers.length < nodes);
    const submit = (count: number, runId: string) =>
      Array.from(
        { length: count },
        (_, i) =>
          this.#client.submit({ module: "file:///x.ts", exportName: "f" }, [i], {
            runId,
            name: NAMES[i % NAMES.length],
          }).result.catch(() => {}),
      );
    await Promise.all(submit(ended, "nightly-2026-11-23"));
    submit(waiting, "nightly-2026-11-24");
    while ((await this.#client.status()).tasks.ready < waiting - 8 * nodes);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#client[Symbol.asyncDispose]();
    for (const worker of this.#workers) await worker.close();
    await this.head[Symbol.asyncDispose]();
  }

  #answer(taskId: string, attemptId: number, until: number): WorkerMessage | undefined {
    if (this.#ended >= until) return undefined;
    const index = this.#ended++;
    const durationMs = 20 + index % 180;
    if (index % 97 !== 0) {
      const result = { type: "inline", bytes: new Uint8Array([192]) } as const;
      return {
        type: "AttemptsEnded",
        attempts: [{ taskId, attemptId, report: { type: "succeeded", result, durationMs } }],
      };
    }
    const { kind, name, message } = ERRORS[(index / 97) % ERRORS.length];
    const error = {
      kind,
      name,
      message: `${message} ${index}`,
      stack: `${name}: at fit (file:///x.ts:12:3)`,
    };
    return {
      type: "AttemptsEnded",
      attempts: [{ taskId, attemptId, report: { type: "failed", error, durationMs } }],
    };
  }
}

const NAMES = ["optimise_window", "backtest_candidate", "audit_candidates", "select_window"];
const ERRORS = [
  { kind: "thrown", name: "RangeError", message: "Cannot fit: covariance is singular in window" },
  {
    kind: "out_of_memory",
    name: "OutOfMemory",
    message: "The process had more than 2 GiB in window",
  },
] as const;
