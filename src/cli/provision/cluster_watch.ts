import { delay } from "@std/async/delay";
import type { ClusterClient, ClusterStatus } from "../../../cluster/client/mod.ts";
import { type Need, neededWorkers, rememberNeed } from "./target_workers.ts";

type WorkerStatus = ClusterStatus["workers"][number];

const LOOK_MS = 1_000;
const FINISHED: ReadonlySet<string> = new Set(["succeeded", "failed", "cancelled"]);

/** Looks at a head: what its workers do, whether there is work, and how many workers that needs. */
export class ClusterWatch implements AsyncDisposable {
  readonly #client: ClusterClient;
  readonly #ending = new AbortController();
  #done: Promise<void> | undefined;
  #idleSinceMs: number | undefined;
  #needs: readonly Need[] = [];
  readonly #met = new Set<string>();
  readonly #drained = new Set<string>();
  #seen = "";

  /** Takes a client of the head. */
  constructor(client: ClusterClient) {
    this.#client = client;
  }

  /** Looks every second from now on.
   * @param other whatever else matters, as a text
   * @param onChange called when something changed that a plan goes by */
  begin(other: () => string, onChange: () => void): void {
    this.#done ??= this.#look(other, onChange);
  }

  /** Since when there is nothing to do, no task that has not ended and no actor, for workers that have come; undefined:
   * there is something, or none has come yet. */
  get idleSinceMs(): number | undefined {
    return this.#idleSinceMs;
  }

  /** How many workers were needed lately. */
  get needs(): readonly Need[] {
    return this.#needs;
  }

  /** The registered workers by id, as they are now. */
  async workers(): Promise<ReadonlyMap<string, { readonly draining: boolean }>> {
    const living = livingWorkers(await this.#ask());
    // One that drained between two looks is told of once: its absence alone would be believed late.
    const drained = [...this.#drained].map((workerId) => [workerId, { draining: true }] as const);
    this.#drained.clear();
    return new Map([
      ...living.map(({ workerId, state }) =>
        [workerId, { draining: state === "draining" }] as const
      ),
      ...drained,
    ]);
  }

  /** Takes that a worker was asked to drain. */
  noteDrain(workerId: string): void {
    this.#drained.add(workerId);
  }

  /** Looks no more. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#ending.abort();
    await this.#done;
  }

  async #ask(): Promise<ClusterStatus> {
    const status = await this.#client.status();
    const nowMs = Date.now();
    const isBusy = status.actors.length > 0 ||
      Object.entries(status.tasks).some(([state, count]) => count > 0 && !FINISHED.has(state));
    const living = livingWorkers(status);
    const isNew = living.some(({ workerId }) => !this.#met.has(workerId));
    for (const { workerId } of living) this.#met.add(workerId);
    if (isBusy || this.#met.size === 0) this.#idleSinceMs = undefined;
    else if (isNew) this.#idleSinceMs = nowMs;
    else this.#idleSinceMs ??= nowMs;
    const workers = neededWorkers({
      waiting: status.queue.waiting,
      queueAgeMs: status.queue.ageMs,
      busyWorkers: living.filter(({ running }) => running > 0).length,
      capacity: living[0]?.capacity,
    });
    this.#needs = rememberNeed(this.#needs, { atMs: nowMs, workers });
    return status;
  }

  async #look(other: () => string, onChange: () => void): Promise<void> {
    const { signal } = this.#ending;
    while (!signal.aborted) {
      try {
        const workers = livingWorkers(await this.#ask()).map(({ workerId, state }) =>
          `${workerId} ${state}`
        );
        const needed = Math.max(...this.#needs.map((need) => need.workers));
        const now = [...workers, needed, this.#idleSinceMs === undefined, other()].join(" ");
        if (now !== this.#seen) onChange();
        this.#seen = now;
      } catch {
        // The head is away, which whoever asks it notices.
      }
      await delay(LOOK_MS, { signal }).catch(() => {});
    }
  }
}

function livingWorkers({ workers }: ClusterStatus): WorkerStatus[] {
  return workers.filter(({ state }) => state !== "dead");
}
