import { type Clock, systemClock } from "../base/clock.ts";
import type { Column } from "./columns.ts";
import { readTable } from "./read_table.ts";
import type { ReadSelection } from "./parts/read_parts.ts";
import { readCatalog, readSnapshot, type Snapshot } from "./snapshots/read_snapshot.ts";
import type { VersionEntry, VersionQuery } from "./snapshots/catalog.ts";
import { collect, type Collection } from "./snapshots/collect.ts";
import type { TableEntry } from "./snapshots/manifest.ts";
import type { Retention } from "./snapshots/retention.ts";
import { LocalStore } from "./store/local_store.ts";
import type { ObjectStore } from "./store/object_store.ts";
import type { TableSchema } from "./table_schema.ts";
import { type TableWrite, writeTables } from "./write_tables.ts";

/** Tables in versions. A commit makes a new version of all tables at once; files of tables are never changed, so that a
 * reader sees one version throughout, and a killed writer leaves the last one. */
export interface Lakehouse {
  /** Names it: the folder or the URL. */
  readonly dir: string;
  /** Where its files are. */
  readonly store: ObjectStore;
  /** The tables of the newest version by name; later writes do not change what was given. */
  list(): Promise<ReadonlyMap<string, TableEntry>>;
  /** A version with its tables and their schemas.
   * @param query default: the newest one
   * @throws {UserError} when it is not, or no longer, there */
  snapshot(query?: VersionQuery): Promise<Snapshot>;
  /** The versions that can be read, the newest one last. */
  history(): Promise<readonly VersionEntry[]>;
  /** The columns of a table.
   * @param entry of any version
   * @param schema as which it is read: a table of an earlier version of it is migrated
   * @throws {UserError} when a file is gone, damaged or not as the schema says */
  readTable(entry: TableEntry, schema: TableSchema, selection?: ReadSelection): Promise<Column[]>;
  /** Writes tables and commits them together as one version. Writers of other processes, and on other machines, may
   * commit at the same time: nothing of either is lost.
   * @param note says in the history what was done
   * @returns the new entries, in the order given
   * @throws {UserError} when columns are not as their schema says; then nothing was committed */
  writeTables(writes: readonly TableWrite[], note?: string): Promise<TableEntry[]>;
  /** Drops old versions, and removes the files that no version names any more. */
  collect(retention: Retention, options?: { readonly isDryRun?: boolean }): Promise<Collection>;
}

/** Opens the lakehouse of a folder, which need not exist before the first write. */
export function openLakehouse(dir: string): Lakehouse {
  return lakehouseOver(new LocalStore(dir));
}

/** A lakehouse whose files are in a store. */
export function lakehouseOver(store: ObjectStore, clock: Clock = systemClock): Lakehouse {
  return {
    dir: store.url,
    store,
    list: async () => (await readSnapshot(store)).tables,
    snapshot: (query) => readSnapshot(store, query),
    history: async () => (await readCatalog(store)).catalog.versions,
    readTable: (entry, schema, selection = {}) => readTable(store, entry, schema, selection),
    writeTables: (writes, note = "") => writeTables(store, writes, { clock, note }),
    collect: (retention, options) => collect(store, retention, { clock, ...options }),
  };
}
