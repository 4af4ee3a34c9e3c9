import { delay } from "@std/async/delay";
import { hostname } from "node:os";
import { restoreState, type StateTarget } from "../../../cluster/head/state_stream.ts";
import { type Clock, systemClock } from "../../base/clock.ts";
import { errorMessage, UserError } from "../../base/errors.ts";
import { sha256Hex } from "../../base/hash.ts";
import { newId } from "../../base/ids.ts";
import { readTextIfThere } from "../../base/if_there.ts";
import type { ObjectStore } from "../../lakehouse/store/object_store.ts";
import { ObjectPointer, readPointedState } from "../failover/object_pointer.ts";
import { StateFolders } from "../failover/state_folders.ts";
import { clusterFiles, MIRRORED_FILES, MIRRORED_FOLDER } from "./mirrored_files.ts";

/** Who keeps a cluster, as its mirror says. */
interface Lease {
  /** Of the folder from which it is kept. */
  readonly folderId: string;
  readonly host: string;
  readonly atMs: number;
}

const LEASE_KEY = "keeper.json";
/** A lease that was not renewed for so long has ended. */
const LEASE_MS = 120_000;
const RENEW_MS = 20_000;
const HEAD_STATE = "head/head.db";
const LEASES = { decoder: new TextDecoder(), encoder: new TextEncoder() };

/** A copy of what a cluster's folder must not lose, kept in a store elsewhere: the journal, what shall be, the keys, and
 * the state of its head. With it goes a lease: a cluster has one keeper, wherever its folders are. */
export class ClusterMirror implements AsyncDisposable {
  readonly #store: ObjectStore;
  readonly #dir: string;
  readonly #clock: Clock;
  readonly #folderId: string;
  readonly #sent = new Map<string, string>();
  readonly #ending = new AbortController();
  #tag: string;
  #changed = Promise.withResolvers<void>();
  #done: Promise<void> | undefined;

  private constructor(store: ObjectStore, dir: string, clock: Clock, id: string, tag: string) {
    this.#store = store;
    this.#dir = dir;
    this.#clock = clock;
    this.#folderId = id;
    this.#tag = tag;
  }

  /** Takes the lease of a cluster.
   * @param dir of the cluster, absolute
   * @throws {UserError} naming the host from which the cluster is kept now */
  static async claim(
    store: ObjectStore,
    dir: string,
    clock: Clock = systemClock,
  ): Promise<ClusterMirror> {
    const folderId = folderIdOf(dir);
    const seen = await store.get(LEASE_KEY);
    if (seen !== undefined) refuseKept(store, leaseOf(seen.bytes), folderId, clock.nowMs());
    const bytes = bytesOf({ folderId, host: hostname(), atMs: clock.nowMs() });
    const tag = await store.swap(LEASE_KEY, bytes, seen?.tag ?? null);
    if (tag === undefined) {
      throw new UserError(
        "cluster/kept-elsewhere",
        `Cannot keep the cluster of ${store.url}: another keeper just took it`,
      );
    }
    return new ClusterMirror(store, dir, clock, folderId, tag);
  }

  /** Sends what changes from now on.
   * @param onTrouble told why something could not be sent; it is tried again
   * @param onLost told when another keeper has taken the cluster: ours has to end */
  begin(onTrouble: (message: string) => void, onLost: () => void): void {
    this.#done ??= this.#keep(onTrouble, onLost);
  }

  /** Says that a file may have changed. */
  mark(): void {
    this.#changed.resolve();
  }

  /** Sends what is not sent yet. */
  async flush(): Promise<void> {
    for (const name of clusterFiles(this.#dir).filter(isMirrored)) {
      const text = readTextIfThere(`${this.#dir}/${name}`);
      if (text === undefined) continue;
      const bytes = LEASES.encoder.encode(text);
      const hash = sha256Hex(bytes);
      if (this.#sent.get(name) === hash) continue;
      await this.#store.put(name, bytes, hash);
      this.#sent.set(name, hash);
    }
  }

  /** Where the state of the cluster's head goes; what an earlier keeper still writes there does not count any more. */
  async stateTarget(): Promise<StateTarget> {
    return new StateFolders(this.#store, await ObjectPointer.claim(this.#store));
  }

  /** Sends the rest, and gives the lease back. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#ending.abort();
    await this.#done;
    const seen = await this.#store.get(LEASE_KEY).catch(() => undefined);
    if (seen?.tag !== this.#tag) return;
    // The store may be away; the lease ends by itself then.
    await this.flush().then(() => this.#store.remove([LEASE_KEY])).catch(() => {});
  }

  async #keep(onTrouble: (message: string) => void, onLost: () => void): Promise<void> {
    const { signal } = this.#ending;
    while (!signal.aborted) {
      try {
        if (!await this.#renew()) return onLost();
        await this.flush();
      } catch (error) {
        onTrouble(`Cannot copy the journal to ${this.#store.url}: ${errorMessage(error)}`);
      }
      const enough = new AbortController();
      const pause = delay(RENEW_MS, { signal: AbortSignal.any([signal, enough.signal]) });
      await Promise.race([pause.catch(() => {}), this.#changed.promise]);
      enough.abort();
      this.#changed = Promise.withResolvers();
    }
  }

  /** @returns false when another has it */
  async #renew(): Promise<boolean> {
    const bytes = bytesOf({
      folderId: this.#folderId,
      host: hostname(),
      atMs: this.#clock.nowMs(),
    });
    const tag = await this.#store.swap(LEASE_KEY, bytes, this.#tag);
    if (tag === undefined) {
      // Our own write, of which the answer was lost, is no other's.
      const seen = await this.#store.get(LEASE_KEY);
      if (seen === undefined || leaseOf(seen.bytes).folderId !== this.#folderId) return false;
      this.#tag = seen.tag;
      return true;
    }
    this.#tag = tag;
    return true;
  }
}

/** Brings a cluster's folder back from its mirror; files that are there already are replaced.
 * @returns the names of what was brought
 * @throws {UserError} when the store has no such cluster, and when it is kept from elsewhere */
export async function restoreFromMirror(
  store: ObjectStore,
  dir: string,
  clock: Clock = systemClock,
): Promise<readonly string[]> {
  const lease = await store.get(LEASE_KEY);
  if (lease !== undefined) {
    refuseKept(store, leaseOf(lease.bytes), folderIdOf(dir), clock.nowMs());
  }
  const names: string[] = [];
  for await (const { key } of store.list("")) if (isMirrored(key)) names.push(key);
  if (!MIRRORED_FILES.every(({ name, isNeeded }) => !isNeeded || names.includes(name))) {
    throw new UserError("cluster/not-found", `Cannot find a cluster in ${store.url}`, {
      hint: "mirror of its cluster.jsonc says where it is, with the cluster's name behind it.",
    });
  }
  for (const name of names) {
    const object = await store.get(name);
    if (object === undefined) continue;
    const path = `${dir}/${name}`;
    await Deno.mkdir(path.slice(0, path.lastIndexOf("/")), { recursive: true, mode: 0o700 });
    await Deno.writeFile(path, object.bytes, { mode: 0o600 });
  }
  const state = await readPointedState(store);
  if (state !== undefined) {
    Deno.mkdirSync(`${dir}/head`, { recursive: true, mode: 0o700 });
    restoreState(`${dir}/${HEAD_STATE}`, state.snapshot, state.changes);
    names.push(HEAD_STATE);
  }
  return names.sort();
}

function refuseKept(store: ObjectStore, lease: Lease, folderId: string, nowMs: number): void {
  if (lease.folderId === folderId || nowMs - lease.atMs >= LEASE_MS) return;
  const seconds = Math.round((nowMs - lease.atMs) / 1000);
  throw new UserError(
    "cluster/kept-elsewhere",
    `Cannot keep the cluster of ${store.url}: it is kept from ${lease.host}, heard ${seconds} s ago`,
    { hint: "End its keeper there, or try again 2 minutes after it was heard last." },
  );
}

function isMirrored(name: string): boolean {
  return MIRRORED_FILES.some((file) => file.name === name) ||
    new RegExp(`^${MIRRORED_FOLDER}/[\\w.-]+$`).test(name) && !name.includes("/known-");
}

/** Made at the first use: two folders of one cluster are two keepers. */
function folderIdOf(dir: string): string {
  const path = `${dir}/folder-id`;
  const known = readTextIfThere(path);
  if (known !== undefined) return known;
  const id = newId("folder");
  Deno.mkdirSync(dir, { recursive: true, mode: 0o700 });
  Deno.writeTextFileSync(path, id);
  return id;
}

function leaseOf(bytes: Uint8Array): Lease {
  return JSON.parse(LEASES.decoder.decode(bytes)) as Lease;
}

function bytesOf(lease: Lease): Uint8Array {
  return LEASES.encoder.encode(JSON.stringify(lease));
}
