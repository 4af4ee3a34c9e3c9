import type { ExecutorStatus } from "../protocol/status.ts";
import { Executor } from "./executor.ts";
import type { ExecutorSurroundings } from "./executor.ts";
import { ExecutorDoor } from "./executor_door.ts";
import type { ExecutorKind } from "./executor_kind.ts";
import type { ExecutorOptions } from "./executor_process.ts";
import { MemoryWatch } from "./memory_watch.ts";
import type { TaskLine } from "./output/executor_output.ts";

const MAX_REMEMBERED = 100;
/** How long an executor is kept idle once others than those of its code were asked for. */
const IDLE_KEPT_MS = 30_000;

/** What a pool needs of its daemon. */
export interface PoolOptions extends ExecutorOptions {
  /** Idle executors that are kept, of all kinds together. */
  readonly maxIdle: number;
  /** What must not be seen in any output. */
  readonly secrets: readonly string[];
  readonly onLine: (line: TaskLine) => void;
  readonly onRequest: ExecutorSurroundings["onRequest"];
}

interface StartingExecutor {
  readonly kind: ExecutorKind;
  readonly executor: Promise<Executor>;
}

/** The executors of a node, of several kinds: started warm, kept, and replaced when one ends. */
export class ExecutorPool {
  readonly #options: PoolOptions;
  /** The one that was used last is last. */
  readonly #idle: Executor[] = [];
  readonly #all = new Set<Executor>();
  /** Numbers of executors that ended, for the status; the oldest fall out. */
  readonly #past: ExecutorStatus[] = [];
  readonly #starting = new Set<StartingExecutor>();
  readonly #idleSinceMs = new WeakMap<Executor, number>();
  /** The code that was asked for last. */
  #codeKey = "";
  readonly #around: ExecutorSurroundings;
  readonly #secrets: string[];
  readonly #door: ExecutorDoor;
  readonly #watch: MemoryWatch;
  #closed = false;

  constructor(options: PoolOptions) {
    this.#options = options;
    this.#door = new ExecutorDoor(`${options.nodeDir}/executors.sock`);
    this.#watch = new MemoryWatch(() => this.#all, (executor) => this.#replace(executor));
    this.#secrets = [...options.secrets];
    this.#around = {
      door: this.#door,
      options,
      secrets: this.#secrets,
      onLine: options.onLine,
      onRequest: options.onRequest,
      kernelKilled: () => this.#watch.kernelKilled(),
    };
  }

  /** Starts `count` executors of a kind ahead of need. One that cannot start is noticed by the task that needs it. */
  warm(count: number, kind: ExecutorKind): void {
    for (let i = 0; i < count; i++) {
      const starting = { kind, executor: this.#start(kind) };
      this.#starting.add(starting);
      starting.executor.then((executor) => {
        // A task that waited for it took it out of the set.
        if (this.#starting.delete(starting)) this.release(executor);
      }, () => this.#starting.delete(starting));
    }
  }

  /** An executor of a kind that has nothing to do, if there is one. */
  takeIdle(kind: ExecutorKind): Executor | undefined {
    this.#codeKey = kind.environment.key;
    for (let i = this.#idle.length - 1; i >= 0; i--) {
      if (this.#idle[i].kind.key !== kind.key) continue;
      const [idle] = this.#idle.splice(i, 1);
      if (idle.isAlive) return idle;
    }
    return undefined;
  }

  /** An executor for one attempt: an idle one, one that is just starting, or a new one.
   * @throws {Error} when it cannot be started */
  async acquire(kind: ExecutorKind): Promise<Executor> {
    const idle = this.takeIdle(kind);
    if (idle !== undefined) return idle;
    for (const starting of this.#starting) {
      if (starting.kind.key !== kind.key) continue;
      this.#starting.delete(starting);
      return await starting.executor;
    }
    return await this.#start(kind);
  }

  /** Gives it back; one that ended is forgotten. Of too many idle ones, that which was used longest ago is ended. */
  release(executor: Executor): void {
    if (!executor.isAlive || this.#closed) return;
    this.#idle.push(executor);
    this.#idleSinceMs.set(executor, performance.now());
    if (this.#idle.length > this.#options.maxIdle) this.#idle.shift()?.kill();
  }

  /** Whether an executor of this code is alive or starting. */
  hasCode(codeKey: string): boolean {
    return [...this.#all, ...this.#starting].some(({ kind }) => kind.environment.key === codeKey);
  }

  /** Ends executors that have been idle for long and are for other code than was asked for last. */
  endOutdated(): void {
    const idleBeforeMs = performance.now() - IDLE_KEPT_MS;
    const outdated = this.#idle.filter((executor) =>
      executor.kind.environment.key !== this.#codeKey &&
      (this.#idleSinceMs.get(executor) ?? 0) < idleBeforeMs
    );
    for (const executor of outdated) {
      this.#idle.splice(this.#idle.indexOf(executor), 1);
      executor.kill();
    }
  }

  /** Takes more secrets, which nothing that the executors write may show. */
  learn(secrets: readonly string[]): void {
    this.#secrets.push(...secrets.filter((secret) => !this.#secrets.includes(secret)));
    for (const executor of this.#all) executor.learn(secrets);
  }

  /** Of the living executors. */
  pids(): number[] {
    return [...this.#all].map(({ pid }) => pid);
  }

  /** Numbers of all executors, living and ended. */
  statuses(): ExecutorStatus[] {
    return [...this.#past, ...[...this.#all].map((executor) => executor.status())];
  }

  /** Kills all executors and waits for their ends. */
  async close(): Promise<void> {
    this.#closed = true;
    this.#watch[Symbol.dispose]();
    await Promise.allSettled([...this.#starting].map(({ executor }) => executor));
    for (const executor of this.#all) executor.kill();
    await Promise.all([...this.#all].map((executor) => executor.ended));
    this.#door[Symbol.dispose]();
  }

  /** Ends an idle executor, and has a fresh one of its kind ready instead. */
  #replace(executor: Executor): void {
    const at = this.#idle.indexOf(executor);
    if (at < 0) return;
    this.#idle.splice(at, 1);
    executor.kill();
    this.warm(1, executor.kind);
  }

  async #start(kind: ExecutorKind): Promise<Executor> {
    const executor = await Executor.start(kind, this.#around);
    // Some may have come while it started.
    executor.learn(this.#secrets);
    this.#all.add(executor);
    if (this.#closed) executor.kill();
    executor.ended.then(() => {
      this.#all.delete(executor);
      this.#past.push(executor.status());
      if (this.#past.length > MAX_REMEMBERED) this.#past.shift();
    });
    return executor;
  }
}
