import type { Clock } from "../../base/clock.ts";
import { CodedError, UserError } from "../../base/errors.ts";
import type { ListedObject, ObjectStore } from "../store/object_store.ts";
import { IN_FLIGHT, inParallel } from "../store/parallel.ts";
import { type Catalog, CATALOG_KEY, encodeCatalog } from "./catalog.ts";
import { readCatalog, readManifest } from "./read_snapshot.ts";
import { planCollection, retain, type Retention } from "./retention.ts";

const MAX_ATTEMPTS = 20;
/** Where files are that versions name, and nothing else. */
const COLLECTED_PREFIXES = ["tables/", "versions/", "probes/"];

/** What a collection did, or would do. */
export interface Collection {
  /** The versions that were dropped. */
  readonly dropped: readonly number[];
  /** The files that were removed. */
  readonly removed: readonly ListedObject[];
}

/** Drops versions that need not be kept, and removes the files that no version names.
 *
 * No file that a version names, or ever will, is removed: files are looked at before the catalog is swapped, and the swap
 * counts `collections` up. A commit that began before fails its own swap by that, and writes its files anew under other
 * names; one that begins later names no file that was looked at but by the versions kept. So the grace is no matter of
 * safety: it spares commits under way their second try.
 * @param isDryRun only says what would be done
 * @throws {UserError} when a manifest cannot be read: then nothing was removed */
export async function collect(
  store: ObjectStore,
  retention: Retention,
  { clock, isDryRun = false }: { readonly clock: Clock; readonly isDryRun?: boolean },
): Promise<Collection> {
  for (let attempt = 1; attempt <= MAX_ATTEMPTS; attempt++) {
    const { catalog, tag } = await readCatalog(store);
    if (tag === null) return { dropped: [], removed: [] };
    const nowMs = clock.nowMs();
    const kept = retain(catalog, retention, nowMs);
    const listed = await listFiles(store);
    const named = await namedFiles(store, kept);
    if (named === undefined) continue;
    const removed = planCollection(named, listed, retention, nowMs);
    const keptVersions = new Set(kept.versions.map(({ version }) => version));
    const dropped = catalog.versions.map(({ version }) => version)
      .filter((version) => !keptVersions.has(version));
    if (isDryRun || (removed.length === 0 && dropped.length === 0)) return { dropped, removed };
    const next = { ...kept, collections: catalog.collections + 1 };
    if (await store.swap(CATALOG_KEY, encodeCatalog(next), tag) === undefined) continue;
    await store.remove(removed.map(({ key }) => key));
    return { dropped, removed };
  }
  throw new CodedError(
    "lakehouse/busy",
    `Cannot collect files of ${store.url}: ${MAX_ATTEMPTS} times a commit came first`,
  );
}

async function listFiles(store: ObjectStore): Promise<ListedObject[]> {
  const lists = COLLECTED_PREFIXES.map((prefix) => Array.fromAsync(store.list(prefix)));
  return (await Promise.all(lists)).flat();
}

/** Every file that a version names; undefined when another collection dropped one of them meanwhile. */
async function namedFiles(store: ObjectStore, catalog: Catalog): Promise<Set<string> | undefined> {
  const named = new Set<string>();
  await inParallel(IN_FLIGHT, catalog.versions, async (entry) => {
    const manifest = await readManifest(store, entry);
    if (manifest === undefined) {
      const { catalog: now } = await readCatalog(store);
      if (now.versions.some(({ commit }) => commit === entry.commit)) {
        throw new UserError(
          "lakehouse/damaged",
          `Cannot collect files of ${store.url}: the manifest ${entry.manifest} of version ${entry.version} is gone`,
        );
      }
      return;
    }
    named.add(entry.manifest);
    for (const { parts } of manifest.tables.values()) for (const { file } of parts) named.add(file);
  });
  return catalog.versions.every(({ manifest }) => named.has(manifest)) ? named : undefined;
}
