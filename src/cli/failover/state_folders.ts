import { CodedError } from "../../base/errors.ts";
import type { StateTarget } from "../../../cluster/head/state_stream.ts";
import type { ObjectStore } from "../../lakehouse/store/object_store.ts";
import { IN_FLIGHT, inParallel } from "../../lakehouse/store/parallel.ts";

/** What was streamed of a head's state. */
export interface StreamedState {
  readonly snapshot: Uint8Array;
  /** What was written since, in its order. */
  readonly changes: readonly Uint8Array[];
}

/** How a {@linkcode StateFolders} says which of its folders counts. */
export interface StatePointer {
  /** Rises with every head that writes there. */
  readonly term: number;
  /** Makes a folder the one that counts.
   * @returns false when a later head writes there: then nothing was changed */
  point(folder: string): Promise<boolean>;
}

const ROOT = "state/";

/** Streams a head's state into a store: each snapshot with the changes that follow it is a folder, named by the head's
 * term, and a pointer says which of them counts. So a head of the past changes nothing of the state of now. */
export class StateFolders implements StateTarget {
  readonly #store: ObjectStore;
  readonly #pointer: StatePointer;
  #folder = "";
  #snapshots = 0;
  #changes = 0;

  constructor(store: ObjectStore, pointer: StatePointer) {
    this.#store = store;
    this.#pointer = pointer;
  }

  async snapshot(bytes: Uint8Array): Promise<void> {
    const folder = `${ROOT}${this.#pointer.term}-${++this.#snapshots}`;
    await this.#store.put(`${folder}/snapshot`, bytes);
    if (!await this.#pointer.point(folder)) {
      throw new CodedError(
        "head/superseded",
        "Cannot stream the head's state: another head took over",
      );
    }
    this.#folder = folder;
    this.#changes = 0;
    await this.#forgetOthers();
  }

  async append(changes: Uint8Array): Promise<void> {
    await this.#store.put(`${this.#folder}/${++this.#changes}`, changes);
  }

  /** What is needed no more, also of heads that died between two calls; never what a later head writes. */
  async #forgetOthers(): Promise<void> {
    const keys: string[] = [];
    for await (const { key } of this.#store.list(ROOT)) {
      const isOver = parseInt(key.slice(ROOT.length)) <= this.#pointer.term;
      if (isOver && !key.startsWith(`${this.#folder}/`)) keys.push(key);
    }
    await this.#store.remove(keys);
  }
}

/** The state in a folder, several objects at a time; changes after a gap are left out.
 * @param folder as a pointer names it
 * @returns undefined when there is no snapshot in it */
export async function readStreamedState(
  store: ObjectStore,
  folder: string,
): Promise<StreamedState | undefined> {
  const snapshot = await store.get(`${folder}/snapshot`);
  if (snapshot === undefined) return undefined;
  const names = new Set<string>();
  for await (const { key } of store.list(`${folder}/`)) names.add(key.slice(folder.length + 1));
  const inOrder: string[] = [];
  while (names.has(String(inOrder.length + 1))) inOrder.push(String(inOrder.length + 1));
  const changes = await inParallel(IN_FLIGHT, inOrder, async (name) => {
    const found = await store.get(`${folder}/${name}`);
    if (found !== undefined) return found.bytes;
    throw new Error(`Cannot read ${store.url}/${folder}/${name}: it was there just before`);
  });
  return { snapshot: snapshot.bytes, changes };
}
