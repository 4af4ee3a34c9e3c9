import { UserError } from "../../base/errors.ts";
import { sha256Hex } from "../../base/hash.ts";
import { CATALOG_KEY } from "../snapshots/catalog.ts";
import type { DiskCache } from "./disk_cache.ts";
import type { ListedObject, ObjectStore, RangeCheck, StoredObject } from "./object_store.ts";

/** A store behind a cache on this machine. What is never changed once it is written (parts and manifests) is read from
 * the cache without a question to the store; the catalog is asked for every time, but offline, when the one that was
 * seen last serves. */
export class CachedStore implements ObjectStore {
  readonly url: string;
  readonly isLocal = false;
  readonly #remote: ObjectStore;
  readonly #cache: DiskCache;
  readonly #isOffline: boolean;

  constructor(
    remote: ObjectStore,
    cache: DiskCache,
    { isOffline = false }: { readonly isOffline?: boolean } = {},
  ) {
    this.url = remote.url;
    this.#remote = remote;
    this.#cache = cache;
    this.#isOffline = isOffline;
  }

  /** As {@linkcode ObjectStore.get}.
   * @throws {UserError} when offline and not in the cache */
  async get(key: string): Promise<StoredObject | undefined> {
    const name = this.#name(key);
    const isCatalog = key === CATALOG_KEY;
    const cached = isCatalog && !this.#isOffline ? undefined : await this.#cache.get(name);
    if (cached !== undefined) {
      const sha256 = sha256Hex(cached);
      return { bytes: cached, tag: sha256, sha256 };
    }
    const found = await this.#online(`read ${key}`).get(key);
    if (found !== undefined) await this.#cache.put(name, found.bytes);
    return found;
  }

  /** As {@linkcode ObjectStore.getRange}.
   * @throws {UserError} when offline and not in the cache */
  async getRange(
    key: string,
    start: number,
    end: number,
    check: RangeCheck,
  ): Promise<Uint8Array | undefined> {
    const whole = await this.#cache.get(this.#name(key));
    if (whole !== undefined && end <= whole.length) return whole.slice(start, end);
    const name = `${this.#name(key)}@${start}-${end}`;
    const cached = await this.#cache.get(name);
    if (cached !== undefined) return cached.slice();
    const found = await this.#online(`read ${key}`).getRange(key, start, end, check);
    if (found !== undefined) await this.#cache.put(name, found);
    return found;
  }

  /** As {@linkcode ObjectStore.put}. */
  async put(key: string, bytes: Uint8Array, sha256?: string): Promise<void> {
    await this.#online(`write ${key}`).put(key, bytes, sha256);
    await this.#cache.put(this.#name(key), bytes);
  }

  /** As {@linkcode ObjectStore.swap}. */
  async swap(key: string, bytes: Uint8Array, expected: string | null): Promise<string | undefined> {
    return await this.#online(`write ${key}`).swap(key, bytes, expected);
  }

  /** As {@linkcode ObjectStore.list}. */
  list(prefix: string): AsyncIterable<ListedObject> {
    return this.#online(`list ${prefix}`).list(prefix);
  }

  /** As {@linkcode ObjectStore.remove}; what is in the cache goes by itself in time. */
  async remove(keys: readonly string[]): Promise<void> {
    await this.#online("remove objects").remove(keys);
  }

  #online(action: string): ObjectStore {
    if (!this.#isOffline) return this.#remote;
    throw new UserError(
      "store/offline",
      `Cannot ${action} of ${this.url}: we are offline, and it is not here`,
      {
        hint: "Read it once while online, or sync the lakehouse into a folder.",
      },
    );
  }

  #name(key: string): string {
    return `${this.url}/${key}`;
  }
}
