import type { Clock } from "../base/clock.ts";
import { UserError } from "../base/errors.ts";
import type { Column } from "./columns.ts";
import { mergeIntoParts, type PartTarget, writeParts } from "./parts/write_parts.ts";
import { readPart } from "./parts/read_parts.ts";
import { readTable } from "./read_table.ts";
import { commit } from "./snapshots/commit.ts";
import { type PartEntry, type TableEntry, tableEntry } from "./snapshots/manifest.ts";
import type { ObjectStore } from "./store/object_store.ts";
import { inParallel } from "./store/parallel.ts";
import { checkTable, schemaId, storedSchema, type TableSchema } from "./table_schema.ts";

const TABLE_NAME = /^[A-Za-z0-9~][A-Za-z0-9_.~-]*$/;
const MAX_TABLE_NAME_CHARACTERS = 200;
/** Tables that are written at once. */
const TABLES_IN_FLIGHT = 8;

/** One table to be written. */
export interface TableWrite {
  /** Letters, digits and `_ . ~ -`. */
  readonly name: string;
  /** What the columns are held to. */
  readonly schema: TableSchema;
  /** The rows to be written. */
  readonly columns: readonly Column[];
  /** `replace`: the columns are the whole table. `merge`: rows of an older table are kept unless their key is among the
   * new ones, as for a source that tells only what is recent; the key is the one column that is sorted by and unique. */
  readonly mode: "replace" | "merge";
  /** SHA-256 of what the columns were taken from; null when there is nothing to compare with later. */
  readonly sourceSha256: string | null;
}

/** Writes tables and commits them together; there is no new version when all are as they were. Files are written before the commit, and only those whose content is new;
 * when another writer commits first, only tables that it has changed are written again.
 * @returns the new entries, in the order given
 * @throws {UserError} when columns are not as their schema says; then nothing was committed */
export async function writeTables(
  store: ObjectStore,
  writes: readonly TableWrite[],
  options: { readonly clock: Clock; readonly note: string },
): Promise<TableEntry[]> {
  writes.forEach(checkWrite);
  const attempts: (Attempt | undefined)[] = writes.map(() => undefined);
  await commit(store, options, async ({ manifest, collections }) => {
    await inParallel(TABLES_IN_FLIGHT, writes, async (write, i) => {
      const current = manifest.tables.get(write.name);
      const earlier = attempts[i];
      const isValid = earlier !== undefined && earlier.collections === collections &&
        JSON.stringify(earlier.current) === JSON.stringify(current);
      if (isValid) return;
      attempts[i] = { current, collections, entry: await writeTable(store, write, current) };
    });
    const isChanged = (attempts as Attempt[]).some(({ current, entry }) =>
      current?.sha256 !== entry.sha256 || current.sourceSha256 !== entry.sourceSha256
    );
    if (!isChanged) return undefined;
    const tables = new Map(manifest.tables);
    for (const { entry } of attempts as Attempt[]) tables.set(entry.name, entry);
    return { tables };
  });
  return (attempts as Attempt[]).map(({ entry }) => entry);
}

/** What was written for a table, and on what it was built. */
interface Attempt {
  readonly current: TableEntry | undefined;
  readonly collections: number;
  readonly entry: TableEntry;
}

function checkWrite(
  { name, schema, columns, mode }: TableWrite,
  i: number,
  all: readonly TableWrite[],
): void {
  if (!TABLE_NAME.test(name) || name.includes("..") || name.length > MAX_TABLE_NAME_CHARACTERS) {
    throw new UserError(
      "lakehouse/bad-write",
      `Cannot write a table named ${JSON.stringify(name.slice(0, 300))}`,
      {
        hint:
          `A table's name has letters, digits and _ . ~ -, at most ${MAX_TABLE_NAME_CHARACTERS}, and no two points in a row.`,
      },
    );
  }
  if (all.findIndex((other) => other.name === name) !== i) {
    throw new UserError("lakehouse/bad-write", `Cannot write table ${name} twice in one commit`);
  }
  if (mode === "merge") mergeKey(schema, name);
  checkTable(storedSchema(schema), columns, name, "to be written");
}

async function writeTable(
  store: ObjectStore,
  { name, schema, columns, mode, sourceSha256 }: TableWrite,
  current: TableEntry | undefined,
): Promise<TableEntry> {
  const target: PartTarget = { store, table: name, current: current?.parts ?? [] };
  const parts = mode === "replace" || current === undefined
    ? await writeParts(target, columns)
    : await mergeTable(target, schema, columns, current);
  return tableEntry({ name, declared: storedSchema(schema), parts, sourceSha256 });
}

async function mergeTable(
  target: PartTarget,
  schema: TableSchema,
  columns: readonly Column[],
  current: TableEntry,
): Promise<PartEntry[]> {
  const { store, table } = target;
  const key = mergeKey(schema, table);
  const readOld = (part: PartEntry) => readPart(store, table, part, schema.columns);
  if (current.schema === schemaId(schema)) {
    return await mergeIntoParts(target, columns, key, readOld);
  }
  // Every part of a table has one schema: what an earlier version of it holds is written anew.
  const migrated = await writeParts(
    { ...target, current: [] },
    await readTable(store, current, schema),
  );
  return await mergeIntoParts({ ...target, current: migrated }, columns, key, readOld);
}

/** The column by which rows are merged.
 * @throws {UserError} when the schema has none */
function mergeKey(
  { columns, sortedBy, uniqueKeys, ...schema }: TableSchema,
  table: string,
): string {
  const [key] = sortedBy;
  const isNumeric = columns.some(({ name, dtype }) => name === key && dtype !== "utf8");
  if (isNumeric && sortedBy.length === 1 && uniqueKeys.length === 1 && uniqueKeys[0] === key) {
    return key;
  }
  throw new UserError(
    "lakehouse/bad-write",
    `Cannot merge into table ${table}: ${schema.name}@${schema.version} is not sorted by one unique column of numbers`,
    { hint: "Write the whole table in mode replace." },
  );
}
