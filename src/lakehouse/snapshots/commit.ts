import type { Clock } from "../../base/clock.ts";
import { CodedError, errorMessage, UserError } from "../../base/errors.ts";
import { sha256Hex } from "../../base/hash.ts";
import { newId } from "../../base/ids.ts";
import type { ObjectStore } from "../store/object_store.ts";
import { appendVersion, type Catalog, CATALOG_KEY, encodeCatalog, nextVersion } from "./catalog.ts";
import { encodeManifest, type Manifest } from "./manifest.ts";
import { readCatalog, readSnapshot, type SeenCatalog, type Snapshot } from "./read_snapshot.ts";

/** How often a commit is tried: each time it loses, another writer has won. */
const MAX_ATTEMPTS = 100;
const VERSION_DIGITS = 12;

/** What a commit is built on. */
export interface CommitBase {
  readonly manifest: Manifest;
  /** Files that were written before it grew may have been collected. */
  readonly collections: number;
}

/** Commits a change of tables: reads the newest version, lets `build` make the next one of it, writes its manifest, and
 * swaps the catalog. When another writer was first, it begins anew with what that one has left. When the answer to a swap
 * was lost, the catalog tells whether it took place.
 * @param build may be called several times; gives undefined when there is nothing to change
 * @returns the version that holds the change: when nothing was to be changed, the newest one
 * @throws {Error} when it cannot be told whether the commit took place; nothing else that is thrown has changed anything */
export async function commit(
  store: ObjectStore,
  { clock, note }: { readonly clock: Clock; readonly note: string },
  build: (base: CommitBase) => Promise<Manifest | undefined>,
): Promise<Snapshot> {
  const id = newId("commit");
  let isProbed = false;
  for (let attempt = 1; attempt <= MAX_ATTEMPTS; attempt++) {
    const seen = await readCatalog(store);
    const base = await readBase(store, seen);
    if (base === undefined) continue;
    const next = await build({ manifest: base, collections: seen.catalog.collections });
    if (next === undefined) return base;
    if (seen.tag === null && !store.isLocal && !isProbed) {
      await probeConditions(store);
      isProbed = true;
    }
    const version = String(nextVersion(seen.catalog)).padStart(VERSION_DIGITS, "0");
    const manifest = `versions/${version}-${id}-${attempt}.json`;
    const bytes = encodeManifest(next);
    const sha256 = sha256Hex(bytes);
    await store.put(manifest, bytes, sha256);
    const committedAt = laterThan(seen.catalog, clock.nowMs());
    const entry = { committedAt, commit: id, manifest, sha256, tables: next.tables.size, note };
    const catalog = appendVersion(seen.catalog, entry);
    if (await swapCatalog(store, catalog, seen.tag, id)) {
      return { ...next, entry: catalog.versions.at(-1) };
    }
  }
  throw new CodedError(
    "lakehouse/busy",
    `Cannot commit to the lakehouse ${store.url}: ${MAX_ATTEMPTS} times another writer was first`,
  );
}

/** The version that a catalog ends with; undefined when it was dropped since. */
async function readBase(
  store: ObjectStore,
  { catalog }: SeenCatalog,
): Promise<Snapshot | undefined> {
  const newest = catalog.versions.at(-1);
  const snapshot = await readSnapshot(store);
  return snapshot.entry?.commit === newest?.commit ? snapshot : undefined;
}

/** Replaces the catalog if it is as it was seen.
 * @returns whether the commit is in it, by this swap or by an earlier one whose answer was lost */
async function swapCatalog(
  store: ObjectStore,
  catalog: Catalog,
  expected: string | null,
  id: string,
): Promise<boolean> {
  try {
    if (await store.swap(CATALOG_KEY, encodeCatalog(catalog), expected) !== undefined) return true;
  } catch (cause) {
    if (cause instanceof UserError) throw cause;
    return await isCommitted(store, id).catch((error) => {
      throw new CodedError(
        "store/failed",
        `Cannot tell whether the commit ${id} to ${store.url} took place: ${errorMessage(error)}`,
        { cause },
      );
    });
  }
  return await isCommitted(store, id);
}

async function isCommitted(store: ObjectStore, id: string): Promise<boolean> {
  const { catalog } = await readCatalog(store);
  return catalog.versions.some(({ commit }) => commit === id);
}

/** A time after that of the newest version, so that versions rise in time whatever the writers' clocks say. */
function laterThan({ versions }: Catalog, nowMs: number): string {
  const newest = versions.at(-1);
  const leastMs = newest === undefined ? -Infinity : Date.parse(newest.committedAt) + 1;
  return new Date(Math.max(nowMs, leastMs)).toISOString();
}

/** Makes sure that a store honours the conditions of puts, before the first commit: with one that does not, two writers
 * would lose each other's commits.
 * @throws {UserError} when it does not */
async function probeConditions(store: ObjectStore): Promise<void> {
  const key = `probes/${newId("probe")}`;
  const write = (text: string, expected: string | null) =>
    store.swap(key, new TextEncoder().encode(text), expected);
  try {
    const first = await write("1", null);
    const [again, changed] = [await write("2", null), await write("3", first ?? null)];
    const stale = await write("4", first ?? null);
    const isHonoured = first !== undefined && again === undefined && changed !== undefined &&
      stale === undefined;
    if (!isHonoured) {
      throw new UserError(
        "store/unsafe",
        `Cannot use ${store.url} as a lakehouse: the store ignores If-Match or If-None-Match of puts`,
        {
          hint:
            "Two writers would lose each other's commits there: use another store, or update it.",
        },
      );
    }
  } finally {
    await store.remove([key]);
  }
}
