import type { ListedObject } from "../store/object_store.ts";
import type { Catalog } from "./catalog.ts";

/** For how long files that no version names are kept where nothing else is said: no commit takes longer. */
export const GRACE_HOURS = 24;

/** What is kept. */
export interface Retention {
  /** So many of the newest versions are kept whatever their age; at least 1. */
  readonly keepVersions: number;
  /** A version that was the newest one less than so long ago is kept: nobody reads a version for longer. */
  readonly keepMs: number;
  /** A file that no version names is kept for so long: a commit that is under way needs it. */
  readonly graceMs: number;
}

/** A catalog without the versions that need not be kept. Never without the newest one.
 * @param nowMs milliseconds since the epoch */
export function retain(
  catalog: Catalog,
  { keepVersions, keepMs }: Retention,
  nowMs: number,
): Catalog {
  const { versions } = catalog;
  const kept = versions.filter((_, i) => {
    if (i >= versions.length - Math.max(1, keepVersions)) return true;
    // A version is the newest one until its successor is committed.
    return Date.parse(versions[i + 1].committedAt) > nowMs - keepMs;
  });
  return { ...catalog, versions: kept };
}

/** The files that may be removed: those that no version names, and that are older than the grace.
 * @param named keys that a version of the catalog names, its manifest's own among them
 * @param listed what the store holds
 * @param nowMs milliseconds since the epoch */
export function planCollection(
  named: ReadonlySet<string>,
  listed: readonly ListedObject[],
  { graceMs }: Retention,
  nowMs: number,
): ListedObject[] {
  return listed.filter(({ key, modifiedMs }) => !named.has(key) && modifiedMs < nowMs - graceMs);
}
