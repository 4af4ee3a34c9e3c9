import type { Clock } from "../base/clock.ts";
import { UserError } from "../base/errors.ts";
import { newPartFile } from "./parts/write_parts.ts";
import { readWhole } from "./parts/read_parts.ts";
import { commit } from "./snapshots/commit.ts";
import { type PartEntry, type TableEntry, tableEntry } from "./snapshots/manifest.ts";
import {
  readCatalog,
  readManifest,
  readSnapshot,
  type Snapshot,
} from "./snapshots/read_snapshot.ts";
import type { ObjectStore } from "./store/object_store.ts";
import { IN_FLIGHT, inParallel } from "./store/parallel.ts";

/** How a sync is done. */
export interface SyncOptions {
  readonly clock: Clock;
  /** Also replaces tables that were changed at the target since. */
  readonly isForced: boolean;
  /** Also copies the versions before the newest one that the target does not have, each as a commit of its own with the
   * time that it has in the source. */
  readonly hasHistory: boolean;
  /** Told after every table of a version, with how many there are. */
  readonly onProgress: (done: number, total: number) => void;
}

/** What a sync did. */
export interface SyncOutcome {
  /** The version of the target that holds the tables; undefined when the source has none. */
  readonly version: number | undefined;
  /** Versions that were committed. */
  readonly versions: number;
  /** Tables that were not the same at the target, one that changed in two versions twice. */
  readonly tables: number;
  readonly parts: number;
  readonly sizeBytes: number;
}

/** Copies the newest version of one lakehouse into another as one commit, or all that it does not have one after the
 * other; only parts whose content is not there travel, and each is checked by its hash. Tables that only the target has
 * stay.
 * @throws {UserError} when the target has a table that no version of the source ever had: somebody has changed it there */
export async function syncLakehouse(
  from: ObjectStore,
  to: ObjectStore,
  options: SyncOptions,
): Promise<SyncOutcome> {
  const parts = new PartCopier(from, to);
  const snapshots = options.hasHistory ? await missingVersions(from, to) : [];
  if (snapshots.length === 0) snapshots.push(await readSnapshot(from));
  let version: number | undefined, versions = 0, tables = 0;
  for (const source of snapshots) {
    const copied = await copyVersion(parts, source, options);
    version = copied.version;
    tables += copied.tables;
    if (copied.tables > 0) versions++;
  }
  return { version, versions, tables, ...parts.copied() };
}

/** The versions of the source after the newest one that the target is at, the oldest one first; all when it is at none. */
async function missingVersions(from: ObjectStore, to: ObjectStore): Promise<Snapshot[]> {
  const { tables: target } = await readSnapshot(to);
  const { catalog } = await readCatalog(from);
  const missing: Snapshot[] = [];
  for (const entry of [...catalog.versions].reverse()) {
    const manifest = await readManifest(from, entry);
    // A version that was dropped meanwhile is no longer one of the history.
    if (manifest === undefined) continue;
    if (staleTables(manifest.tables, target).length === 0) break;
    missing.unshift({ ...manifest, entry });
  }
  return missing;
}

/** Commits what a version of the source has. */
async function copyVersion(
  parts: PartCopier,
  source: Snapshot,
  { clock, isForced, hasHistory, onProgress }: SyncOptions,
): Promise<{ readonly version: number | undefined; readonly tables: number }> {
  const { from, to } = parts;
  const { version, committedAt, note: reason } = source.entry ?? {};
  const isDated = hasHistory && committedAt !== undefined;
  const note = `sync of ${from.url} version ${version}${reason ? `: ${reason}` : ""}`;
  const time = isDated ? { nowMs: () => Date.parse(committedAt) } : clock;
  let tables = 0;
  const result = await commit(to, { clock: time, note }, async (base) => {
    const target = base.manifest.tables;
    const stale = staleTables(source.tables, target);
    if (!isForced) await refuseChanged(from, stale.map(({ name }) => target.get(name)), to);
    tables = stale.length;
    let done = 0;
    const entries = await inParallel(IN_FLIGHT, stale, async (table) => {
      const current = target.get(table.name)?.parts ?? [];
      const copies: PartEntry[] = [];
      for (const part of table.parts) {
        copies.push(await parts.copy(table, part, current, base.collections));
      }
      onProgress(++done, stale.length);
      return tableEntry({ ...table, parts: copies });
    });
    if (entries.length === 0) return undefined;
    return {
      tables: new Map([...target, ...entries.map((entry) => [entry.name, entry] as const)]),
    };
  });
  return { version: result.entry?.version, tables };
}

type Tables = Snapshot["tables"];

/** The tables of the source that the target does not have, or has in another state. */
function staleTables(source: Tables, target: Tables): TableEntry[] {
  return [...source.values()].filter(({ name, sha256, sourceSha256 }) =>
    target.get(name)?.sha256 !== sha256 || target.get(name)?.sourceSha256 !== sourceSha256
  );
}

/** Copies parts of one store into another, each once. */
class PartCopier {
  readonly from: ObjectStore;
  readonly to: ObjectStore;
  readonly #copies = new Map<
    string,
    { readonly collections: number; readonly part: PartEntry }
  >();

  constructor(from: ObjectStore, to: ObjectStore) {
    this.from = from;
    this.to = to;
  }

  /** The part as the target has it, or has it now.
   * @param current the parts that the target's table has
   * @param collections of the target: what was copied before they grew may be gone */
  async copy(
    table: TableEntry,
    part: PartEntry,
    current: readonly PartEntry[],
    collections: number,
  ): Promise<PartEntry> {
    const same = current.find(({ sha256 }) => sha256 === part.sha256);
    if (same !== undefined) return same;
    const earlier = this.#copies.get(part.file);
    if (earlier?.collections === collections) return earlier.part;
    const bytes = await readWhole(this.from, table.name, part);
    const copy = { ...part, file: newPartFile(table.name, part.sha256) };
    await this.to.put(copy.file, bytes, part.sha256);
    this.#copies.set(part.file, { collections, part: copy });
    return copy;
  }

  /** How many parts were copied, and their bytes. */
  copied(): { readonly parts: number; readonly sizeBytes: number } {
    const parts = [...this.#copies.values()].map(({ part }) => part);
    return {
      parts: parts.length,
      sizeBytes: parts.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0),
    };
  }
}

/** @throws {UserError} for a table of the target that the source never had in this state */
async function refuseChanged(
  from: ObjectStore,
  current: readonly (TableEntry | undefined)[],
  to: ObjectStore,
): Promise<void> {
  const unknown = new Map(current.flatMap((entry) => entry ? [[entry.name, entry.sha256]] : []));
  const { catalog } = await readCatalog(from);
  for (const version of [...catalog.versions].reverse()) {
    if (unknown.size === 0) return;
    const manifest = await readManifest(from, version);
    for (const [name, sha256] of [...unknown]) {
      if (manifest?.tables.get(name)?.sha256 === sha256) unknown.delete(name);
    }
  }
  const [first] = unknown.keys();
  if (first === undefined) return;
  throw new UserError(
    "lakehouse/diverged",
    `Cannot sync ${from.url} to ${to.url}: ${unknown.size} tables were changed there, first ${first}`,
    {
      hint:
        "Sync the other way first, or replace them with --force: the version before stays readable.",
    },
  );
}
