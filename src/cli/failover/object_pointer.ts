import type { ObjectStore } from "../../lakehouse/store/object_store.ts";
import { readStreamedState, type StatePointer, type StreamedState } from "./state_folders.ts";

/** Which state counts, as an object says it. */
interface Pointed {
  /** Rises with every head that writes there. */
  readonly term: number;
  /** Null: no head has written one yet. */
  readonly folder: string | null;
}

const KEY = "state.json";
const TEXT = { decoder: new TextDecoder(), encoder: new TextEncoder() };

/** A pointer to the state of a head in an object of its own, where something else says whose turn it is. Whoever claims
 * it last may move it; one of before finds that out at its next write. */
export class ObjectPointer implements StatePointer {
  readonly term: number;
  readonly #store: ObjectStore;
  #tag: string;

  private constructor(store: ObjectStore, term: number, tag: string) {
    this.#store = store;
    this.term = term;
    this.#tag = tag;
  }

  /** Takes the pointer: what an earlier head writes from now on does not count. */
  static async claim(store: ObjectStore): Promise<ObjectPointer> {
    for (;;) {
      const seen = await read(store);
      const pointed = { term: (seen?.pointed.term ?? 0) + 1, folder: seen?.pointed.folder ?? null };
      const tag = await store.swap(KEY, bytesOf(pointed), seen?.tag ?? null);
      if (tag !== undefined) return new ObjectPointer(store, pointed.term, tag);
    }
  }

  async point(folder: string): Promise<boolean> {
    const bytes = bytesOf({ term: this.term, folder });
    const tag = await this.#store.swap(KEY, bytes, this.#tag) ?? await this.#swapOwn(bytes);
    if (tag === undefined) return false;
    this.#tag = tag;
    return true;
  }

  /** A write whose answer was lost was ours all the same. */
  async #swapOwn(bytes: Uint8Array): Promise<string | undefined> {
    const seen = await read(this.#store);
    if (seen?.pointed.term !== this.term) return undefined;
    return await this.#store.swap(KEY, bytes, seen.tag);
  }
}

/** The state that the pointer of a store leads to; undefined when there is none. */
export async function readPointedState(store: ObjectStore): Promise<StreamedState | undefined> {
  const folder = (await read(store))?.pointed.folder ?? null;
  return folder === null ? undefined : await readStreamedState(store, folder);
}

async function read(
  store: ObjectStore,
): Promise<{ readonly pointed: Pointed; readonly tag: string } | undefined> {
  const found = await store.get(KEY);
  return found && { pointed: JSON.parse(TEXT.decoder.decode(found.bytes)), tag: found.tag };
}

function bytesOf(pointed: Pointed): Uint8Array {
  return TEXT.encoder.encode(JSON.stringify(pointed));
}
