import type {
  ObjectFetch,
  ObjectSize,
  ResultRef,
  TaskSpec,
} from "../../cluster/scheduler/types.ts";

const SIZES = [200_000, 3_000_000];

/** What really lies where, whatever the head believes: the objects of the head, and those of each worker that has a
 * store of its own. */
export class SimStores {
  readonly head = new Set<string>();
  readonly #ofWorkers = new Map<string, Set<string>>();

  /** Gives a worker a store of its own. */
  open(workerId: string): void {
    this.#ofWorkers.set(workerId, new Set());
  }

  /** Whether a worker has a store of its own. */
  isOwn(workerId: string): boolean {
    return this.#ofWorkers.has(workerId);
  }

  /** The store in which a worker's results lie. */
  of(workerId: string): Set<string> {
    return this.#ofWorkers.get(workerId) ?? this.head;
  }

  /** Everything in a worker's own store is gone. */
  wipe(workerId: string): void {
    this.#ofWorkers.get(workerId)?.clear();
  }

  /** Whether anybody has an object. */
  has(objectId: string): boolean {
    return this.head.has(objectId) ||
      [...this.#ofWorkers.values()].some((ids) => ids.has(objectId));
  }

  /** Has an object in a worker's store, from whoever has it.
   * @returns false when nobody does */
  bring(workerId: string, { objectId }: ObjectFetch): boolean {
    if (!this.has(objectId)) return false;
    this.of(workerId).add(objectId);
    return true;
  }

  /** The objects of a store, as their holder tells them. */
  list(ids: ReadonlySet<string>): ObjectSize[] {
    return [...ids].map((objectId) => ({ objectId, sizeBytes: sizeOf(objectId) }));
  }
}

/** The result that a task always has: small ones travel in messages, the others are objects. */
export function resultOf({ taskId, rules }: TaskSpec): ResultRef {
  const key = rules?.idempotency;
  const name = key === undefined ? taskId : `${key.key}-${key.fingerprint}`;
  const number = [...name].reduce((sum, letter) => sum + letter.charCodeAt(0), 0);
  if (number % 3 === 0) return { type: "inline", bytes: new Uint8Array([number & 255]) };
  const objectId = `result-${name}`;
  return { type: "stored", objectId, sizeBytes: sizeOf(objectId) };
}

/** An object always has the same size. */
export function sizeOf(objectId: string): number {
  return SIZES[objectId.length % SIZES.length];
}
