import { objectRef } from "../protocol/object_ref.ts";
import type { ObjectRef } from "../protocol/object_ref.ts";
import type { ObjectSize } from "../scheduler/types.ts";

interface Hold {
  readonly size: ObjectSize;
  count: number;
}

/** The objects that a client refers to, counted: by the references that `put` handed out, as long as these live, and by
 * arguments of tasks that have not ended. */
export class ObjectHolds {
  readonly #holds = new Map<string, Hold>();
  readonly #onLetGo: (objectId: string) => void;
  /** A reference that nobody can reach any more lets go by itself, some time or never. */
  readonly #forgotten = new FinalizationRegistry<string>((objectId) => this.letGo(objectId));

  /** @param onLetGo told of an object that the client does not refer to any more */
  constructor(onLetGo: (objectId: string) => void) {
    this.#onLetGo = onLetGo;
  }

  /** One reference more. */
  add(size: ObjectSize): void {
    const hold = this.#holds.get(size.objectId);
    if (hold === undefined) this.#holds.set(size.objectId, { size, count: 1 });
    else hold.count++;
  }

  /** One reference more, as an object that lets go of it by itself when it cannot be reached any more. */
  hand(size: ObjectSize): ObjectRef {
    this.add(size);
    const ref = objectRef(size);
    this.#forgotten.register(ref, size.objectId, ref);
    return ref;
  }

  /** Takes back a reference that was handed out; a copy of one, or one of another client, means nothing. */
  release(ref: ObjectRef): void {
    if (this.#forgotten.unregister(ref)) this.letGo(ref.$object);
  }

  /** One reference fewer. */
  letGo(objectId: string): void {
    const hold = this.#holds.get(objectId);
    if (hold === undefined || --hold.count > 0) return;
    this.#holds.delete(objectId);
    this.#onLetGo(objectId);
  }

  /** Whether the client refers to it. */
  has(objectId: string): boolean {
    return this.#holds.has(objectId);
  }

  /** All that is held, for a head that has to be told again. */
  all(): ObjectSize[] {
    return [...this.#holds.values()].map(({ size }) => size);
  }
}
