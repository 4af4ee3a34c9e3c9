import type { ExecutorStatus } from "../protocol/status.ts";
import { Executor } from "./executor.ts";
import type { ExecutorOptions } from "./executor.ts";
import { ExecutorDoor } from "./executor_door.ts";

const MAX_REMEMBERED = 100;

/** The executors of a node: started warm, kept, and replaced when one ends. */
export class ExecutorPool {
  readonly #options: ExecutorOptions;
  readonly #idle: Executor[] = [];
  readonly #all = new Set<Executor>();
  /** Numbers of executors that ended, for the status; the oldest fall out. */
  readonly #past: ExecutorStatus[] = [];
  readonly #starting = new Set<Promise<Executor>>();
  readonly #door: ExecutorDoor;
  #closed = false;

  constructor(options: ExecutorOptions) {
    this.#options = options;
    this.#door = new ExecutorDoor(`${options.nodeDir}/executors.sock`);
  }

  /** Starts `count` executors ahead of need. One that cannot start is noticed by the task that needs it. */
  warm(count: number): void {
    for (let i = 0; i < count; i++) {
      const starting = this.#start();
      this.#starting.add(starting);
      starting.then((executor) => {
        // A task that waited for it took it out of the set.
        if (this.#starting.delete(starting)) this.release(executor);
      }, () => this.#starting.delete(starting));
    }
  }

  /** An executor that has nothing to do, if there is one. */
  takeIdle(): Executor | undefined {
    for (let idle = this.#idle.pop(); idle !== undefined; idle = this.#idle.pop()) {
      if (idle.isAlive) return idle;
    }
    return undefined;
  }

  /** An executor for one attempt: an idle one, one that is just starting, or a new one.
   * @throws {Error} when it cannot be started */
  async acquire(): Promise<Executor> {
    const idle = this.takeIdle();
    if (idle !== undefined) return idle;
    const starting = this.#starting.values().next().value;
    if (starting === undefined) return await this.#start();
    this.#starting.delete(starting);
    return await starting;
  }

  /** Gives it back; one that ended is forgotten. */
  release(executor: Executor): void {
    if (executor.isAlive && !this.#closed) this.#idle.push(executor);
  }

  /** Numbers of all executors, living and ended. */
  statuses(): ExecutorStatus[] {
    return [...this.#past, ...[...this.#all].map((executor) => executor.status())];
  }

  /** Kills all executors and waits for their ends. */
  async close(): Promise<void> {
    this.#closed = true;
    await Promise.allSettled(this.#starting);
    for (const executor of this.#all) executor.kill();
    await Promise.all([...this.#all].map((executor) => executor.ended));
    this.#door[Symbol.dispose]();
  }

  async #start(): Promise<Executor> {
    const executor = await Executor.start(this.#door, this.#options);
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
