import type { SchedulerState } from "./state.ts";
import type { Resources } from "./types.ts";

/** How much there is to do, and with what. */
export interface LoadView {
  /** Tasks that wait for a worker, and nothing else. */
  readonly readyCount: number;
  /** The same by what they need, one entry a shape. */
  readonly waiting: readonly { readonly resources: Resources; readonly taskCount: number }[];
  /** For how long the first of the queues waits, in milliseconds: the longest over all shapes; 0 when none waits. */
  readonly queueAgeMs: number;
  /** Sum over the known workers, by resource. */
  readonly capacity: ReadonlyMap<string, number>;
  /** What of it is reserved for attempts. */
  readonly reserved: ReadonlyMap<string, number>;
  /** The two by worker. */
  readonly workers: readonly {
    readonly workerId: string;
    readonly capacity: ReadonlyMap<string, number>;
    readonly reserved: ReadonlyMap<string, number>;
  }[];
}

/** The load of a scheduler. Costs O(workers + shapes), whatever the number of tasks. */
export function loadView(state: SchedulerState): LoadView {
  let queueAgeMs = 0;
  const waiting: { resources: Resources; taskCount: number }[] = [];
  for (const shape of state.queuedShapes) {
    const task = shape.queue.peek();
    if (task === undefined) continue;
    const readyAtMs = task.record.submittedAtMs + task.readyAfterMs;
    waiting.push({ resources: Object.fromEntries(shape.amounts), taskCount: shape.queue.size });
    queueAgeMs = Math.max(queueAgeMs, state.wallMs - readyAtMs);
  }
  const workers = [...state.workers.values()].map(({ workerId, capacity, reserved }) => ({
    workerId,
    capacity,
    reserved: new Map([...capacity.keys()].map((name) => [name, reserved.get(name) ?? 0])),
  }));
  return {
    readyCount: state.counts.ready,
    waiting,
    queueAgeMs,
    capacity: sumOf(workers.map(({ capacity }) => capacity)),
    reserved: sumOf(workers.map(({ reserved }) => reserved)),
    workers,
  };
}

function sumOf(parts: readonly ReadonlyMap<string, number>[]): Map<string, number> {
  const sums = new Map<string, number>();
  for (const part of parts) {
    for (const [name, amount] of part) sums.set(name, (sums.get(name) ?? 0) + amount);
  }
  return sums;
}
