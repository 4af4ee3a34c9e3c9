import { decodeHeadToClientFrame } from "../../../cluster/protocol/codec.ts";
import { Connection } from "../../../cluster/protocol/connection.ts";
import { PROTOCOL_VERSION } from "../../../cluster/protocol/messages.ts";
import type { HeadToClientMessage, WireTask } from "../../../cluster/protocol/messages.ts";
import { encodeTaskPayload } from "../../../cluster/protocol/task_payload.ts";
import type { TaskOutcome } from "../../../cluster/scheduler/types.ts";
import { decodeValue } from "../../../src/base/value_codec.ts";
import type { Stamp } from "./tasks.ts";

const MODULE = new URL("./tasks.ts", import.meta.url).href;
/** Executors are killed under it: that is no fault of a task. */
const RETRY = { maxAttempts: 1_000, baseDelayMs: 0, maxDelayMs: 0 };

/** A client that trusts nobody: at every connection it submits again all that it ever submitted, so that it is told every
 * outcome anew, and it remembers all that it was told. */
export class Witness implements AsyncDisposable {
  readonly #tasks: WireTask[] = [];
  readonly #told = new Map<string, Set<string>>();
  readonly #connection: Connection<HeadToClientMessage>;
  #tellings = 0;
  #ended = Promise.withResolvers<void>();
  #lost: Error | undefined;

  constructor(headUrl: string, token: string) {
    this.#connection = new Connection<HeadToClientMessage>({
      headUrl,
      endpoint: "client",
      token,
      decode: decodeHeadToClientFrame,
      hello: () => ({ type: "ClientHello", protocol: PROTOCOL_VERSION, clientId: "witness" }),
      onOpen: () => this.#submit(this.#tasks),
      onMessage: (message) => {
        if (message.type !== "TasksEnded") return;
        for (const { taskId, outcome } of message.ended) this.#hear(taskId, outcome);
      },
      onLost: (error) => {
        this.#lost = error;
        this.#ended.resolve();
      },
      patienceMs: 60_000,
    });
  }

  get submittedCount(): number {
    return this.#tasks.length;
  }

  /** Tasks of which an outcome was told. */
  get endedCount(): number {
    return this.#told.size;
  }

  /** How often an outcome was told, of whichever task. */
  get tellings(): number {
    return this.#tellings;
  }

  /** Submits tasks that square numbers: each takes so many milliseconds. */
  submit(durationsMs: readonly number[]): void {
    const tasks = durationsMs.map((ms, i): WireTask => {
      const n = this.#tasks.length + i;
      return {
        taskId: `task ${n}`,
        name: "stamp",
        payload: encodeTaskPayload({ module: MODULE, exportName: "stamp", env: {} }, [n, ms]),
        dependencies: [],
        objects: [],
        resources: { cpus: 1 },
        priority: 0,
        retry: RETRY,
        runTimeoutMs: Infinity,
      };
    });
    this.#tasks.push(...tasks);
    this.#submit(tasks);
  }

  /** Waits until every task has an outcome.
   * @throws {Error} when that takes longer, or the head is lost */
  async allEnded(timeoutMs: number): Promise<void> {
    const timer = setTimeout(() => {
      this.#lost ??= new Error(`${this.endedCount} of ${this.submittedCount} ended`);
      this.#ended.resolve();
    }, timeoutMs);
    while (this.endedCount < this.submittedCount && this.#lost === undefined) {
      this.#ended = Promise.withResolvers();
      await this.#ended.promise;
    }
    clearTimeout(timer);
    if (this.#lost !== undefined) throw this.#lost;
  }

  /** Whatever is wrong with what was told: a task with two outcomes, or another result than its own. */
  complaints(): string[] {
    return [...this.#told].flatMap(([taskId, outcomes]) => {
      if (outcomes.size > 1) return [`${taskId} has ${outcomes.size} outcomes`];
      const [outcome] = outcomes;
      const n = Number(taskId.slice("task ".length));
      return outcome.startsWith(`${n * n} `) ? [] : [`${taskId} has the outcome ${outcome}`];
    });
  }

  /** Lets the head forget everything, and leaves. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#connection.send([{ type: "Goodbye" }]);
    await this.#connection.close();
  }

  #submit(tasks: readonly WireTask[]): void {
    if (tasks.length > 0) this.#connection.send([{ type: "SubmitTasks", tasks }]);
  }

  #hear(taskId: string, outcome: TaskOutcome): void {
    this.#tellings++;
    const known = this.#told.get(taskId);
    const text = textOf(outcome);
    if (known === undefined) this.#told.set(taskId, new Set([text]));
    else known.add(text);
    if (this.endedCount === this.submittedCount) this.#ended.resolve();
  }
}

function textOf(outcome: TaskOutcome): string {
  if (outcome.type !== "succeeded" || outcome.result.type !== "inline") {
    return JSON.stringify(outcome);
  }
  const { square, nonce } = decodeValue(outcome.result.bytes) as Stamp;
  return `${square} ${nonce}`;
}
