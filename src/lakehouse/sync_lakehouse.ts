import type { Clock } from "../base/clock.ts";
import { UserError } from "../base/errors.ts";
import { newPartFile } from "./parts/write_parts.ts";
import { readWhole } from "./parts/read_parts.ts";
import { commit } from "./snapshots/commit.ts";
import { type PartEntry, type TableEntry, tableEntry } from "./snapshots/manifest.ts";
import { readCatalog, readManifest, readSnapshot } from "./snapshots/read_snapshot.ts";
import type { ObjectStore } from "./store/object_store.ts";
import { IN_FLIGHT, inParallel } from "./store/parallel.ts";

/** How a sync is done. */
export interface SyncOptions {
  readonly clock: Clock;
  /** Also replaces tables that were changed at the target since. */
  readonly isForced: boolean;
  /** Told after every table, with how many there are. */
  readonly onProgress: (done: number, total: number) => void;
}

/** What a sync did. */
export interface SyncOutcome {
  /** The version of the target that holds the tables; undefined when the source has none. */
  readonly version: number | undefined;
  /** Tables that were not the same at the target. */
  readonly tables: number;
  readonly parts: number;
  readonly sizeBytes: number;
}

/** Copies the newest version of one lakehouse into another, as one commit; only parts whose content is not there travel,
 * and each is checked by its hash. Tables that only the target has stay.
 * @throws {UserError} when the target has a table that no version of the source ever had: somebody has changed it there */
export async function syncLakehouse(
  from: ObjectStore,
  to: ObjectStore,
  options: SyncOptions,
): Promise<SyncOutcome> {
  const source = await readSnapshot(from);
  const copied = new Map<string, { readonly collections: number; readonly part: PartEntry }>();
  let done = 0, tables = 0;
  const copyPart = async (
    table: TableEntry,
    part: PartEntry,
    current: readonly PartEntry[],
    collections: number,
  ): Promise<PartEntry> => {
    const same = current.find(({ sha256 }) => sha256 === part.sha256);
    if (same !== undefined) return same;
    const earlier = copied.get(part.file);
    if (earlier?.collections === collections) return earlier.part;
    const bytes = await readWhole(from, table.name, part);
    const copy = { ...part, file: newPartFile(table.name, part.sha256) };
    await to.put(copy.file, bytes, part.sha256);
    copied.set(part.file, { collections, part: copy });
    return copy;
  };
  const note = `sync of ${from.url} version ${source.entry?.version}`;
  const result = await commit(to, { clock: options.clock, note }, async (base) => {
    const target = base.manifest.tables;
    const stale = [...source.tables.values()].filter(({ name, sha256, sourceSha256 }) =>
      target.get(name)?.sha256 !== sha256 || target.get(name)?.sourceSha256 !== sourceSha256
    );
    if (!options.isForced) await refuseChanged(from, stale.map(({ name }) => target.get(name)), to);
    [done, tables] = [0, stale.length];
    const entries = await inParallel(IN_FLIGHT, stale, async (table) => {
      const current = target.get(table.name)?.parts ?? [];
      const parts: PartEntry[] = [];
      for (const part of table.parts) {
        parts.push(await copyPart(table, part, current, base.collections));
      }
      options.onProgress(++done, stale.length);
      return tableEntry({ ...table, parts });
    });
    if (entries.length === 0) return undefined;
    return {
      tables: new Map([...target, ...entries.map((entry) => [entry.name, entry] as const)]),
    };
  });
  const parts = [...copied.values()].map(({ part }) => part);
  const sizeBytes = parts.reduce((sum, part) => sum + part.sizeBytes, 0);
  return { version: result.entry?.version, tables, parts: parts.length, sizeBytes };
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
    `Cannot sync ${from.url} to ${to.url}: ${unknown.size} tables were changed there, first ${first}`,
    {
      hint:
        "Sync the other way first, or replace them with --force: the version before stays readable.",
    },
  );
}
