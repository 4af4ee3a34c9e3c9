import type { Executor } from "./executor.ts";
import { readKernelKills } from "./process_memory.ts";

const LOOK_MS = 250;
/** An idle executor that keeps more than this of its own, and more than half of its limit, is replaced. */
const MAX_IDLE_BYTES = 512 * 1024 * 1024;
/** Looks in a row at which an idle executor had too much. */
const IDLE_LOOKS = 8;
/** Looks over which a kill of the kernel counts as of now. */
const KILL_LOOKS = 5;

/** Looks at the memory of executors a few times a second: one over its limit is ended, an idle one that keeps too much
 * is replaced, and kills by the kernel are counted. */
export class MemoryWatch implements Disposable {
  readonly #executors: () => Iterable<Executor>;
  readonly #retire: (executor: Executor) => void;
  readonly #timer: ReturnType<typeof setInterval>;
  readonly #heavyLooks = new WeakMap<Executor, number>();
  /** The kernel's counter at the last looks. */
  readonly #kernelKills: number[] = [readKernelKills()];

  /** @param retire is called for an idle executor that keeps too much */
  constructor(executors: () => Iterable<Executor>, retire: (executor: Executor) => void) {
    this.#executors = executors;
    this.#retire = retire;
    this.#timer = setInterval(() => this.#look(), LOOK_MS);
  }

  /** Whether the kernel killed a process for want of memory in the last moment. */
  kernelKilled(): boolean {
    return readKernelKills() > this.#kernelKills[0];
  }

  [Symbol.dispose](): void {
    clearInterval(this.#timer);
  }

  #look(): void {
    this.#kernelKills.push(readKernelKills());
    if (this.#kernelKills.length > KILL_LOOKS) this.#kernelKills.shift();
    for (const executor of this.#executors()) {
      const ownBytes = executor.checkMemory();
      const { memoryLimitBytes = Infinity } = executor.kind;
      const isHeavy = executor.pendingCount === 0 &&
        ownBytes > Math.min(MAX_IDLE_BYTES, memoryLimitBytes / 2);
      const looks = isHeavy ? (this.#heavyLooks.get(executor) ?? 0) + 1 : 0;
      this.#heavyLooks.set(executor, looks);
      if (looks === IDLE_LOOKS) this.#retire(executor);
    }
  }
}
