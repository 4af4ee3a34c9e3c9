import { dirname, join } from "@std/path";
import { writeFileAtomic } from "../../base/atomic_file.ts";
import { sha256Hex } from "../../base/hash.ts";
import {
  checkKey,
  type ListedObject,
  type ObjectStore,
  type RangeCheck,
  type StoredObject,
} from "./object_store.ts";

/** Objects as files of a folder, which is made by the first write. */
export class LocalStore implements ObjectStore {
  readonly url: string;
  readonly isLocal = true;

  constructor(dir: string) {
    this.url = dir;
  }

  /** As {@linkcode ObjectStore.get}; the tag is the SHA-256 of the bytes. */
  async get(key: string): Promise<StoredObject | undefined> {
    const bytes = await orUndefined(() => Deno.readFile(this.#path(key)));
    if (bytes === undefined) return undefined;
    const sha256 = sha256Hex(bytes);
    return { bytes, tag: sha256, sha256 };
  }

  /** As {@linkcode ObjectStore.getRange}. */
  async getRange(
    key: string,
    start: number,
    end: number,
    check: RangeCheck,
  ): Promise<Uint8Array | undefined> {
    return await orUndefined(async () => {
      using file = await Deno.open(this.#path(key));
      await file.seek(start, Deno.SeekMode.Start);
      const bytes = new Uint8Array(end - start);
      for (let filled = 0; filled < bytes.length;) {
        const read = await file.read(bytes.subarray(filled));
        if (read === null) {
          throw new Error(
            `Cannot read bytes ${start} to ${end} of ${this.url}/${key}: it ends at ${
              start + filled
            }`,
          );
        }
        filled += read;
      }
      check(bytes);
      return bytes;
    });
  }

  /** As {@linkcode ObjectStore.put}. */
  async put(key: string, bytes: Uint8Array): Promise<void> {
    await writeFileAtomic(this.#path(key), bytes);
  }

  /** As {@linkcode ObjectStore.swap}: under a lock that the system takes from a process that dies. */
  async swap(
    key: string,
    bytes: Uint8Array,
    expected: string | null,
  ): Promise<string | undefined> {
    const path = this.#path(key);
    await Deno.mkdir(dirname(path), { recursive: true });
    using lock = await Deno.open(join(this.url, ".lock"), { write: true, create: true });
    await lock.lock(true);
    const current = await this.get(key);
    if ((current?.tag ?? null) !== expected) return undefined;
    await writeFileAtomic(path, bytes);
    return sha256Hex(bytes);
  }

  /** As {@linkcode ObjectStore.list}; among them files that a killed writer left half written. */
  async *list(prefix: string): AsyncGenerator<ListedObject> {
    const folder = prefix.slice(0, prefix.lastIndexOf("/") + 1);
    for await (const key of this.#walk(folder)) {
      if (!key.startsWith(prefix)) continue;
      // A file that is removed or renamed meanwhile is no longer one of the list.
      const found = await orUndefined(() => Deno.stat(join(this.url, key)));
      if (found === undefined) continue;
      yield { key, sizeBytes: found.size, modifiedMs: found.mtime?.getTime() ?? 0 };
    }
  }

  /** As {@linkcode ObjectStore.remove}. */
  async remove(keys: readonly string[]): Promise<void> {
    for (const key of keys) await orUndefined(() => Deno.remove(this.#path(key)));
  }

  async *#walk(folder: string): AsyncGenerator<string> {
    const entries = await orUndefined(() => Array.fromAsync(Deno.readDir(join(this.url, folder))));
    for (const { name, isDirectory, isFile } of entries ?? []) {
      if (isDirectory) yield* this.#walk(`${folder}${name}/`);
      else if (isFile) yield `${folder}${name}`;
    }
  }

  #path(key: string): string {
    return join(this.url, checkKey(key));
  }
}

async function orUndefined<T>(look: () => Promise<T>): Promise<T | undefined> {
  try {
    return await look();
  } catch (error) {
    if (error instanceof Deno.errors.NotFound || error instanceof Deno.errors.NotADirectory) {
      return undefined;
    }
    throw error;
  }
}
