import { writeFileAtomic } from "../base/atomic_file.ts";
import { errorMessage, UserError } from "../base/errors.ts";
import { sha256Hex } from "../base/hash.ts";
import { readCatalog, type TableEntry, writeCatalog } from "./catalog.ts";
import { type Column, numbersOf } from "./columns.ts";
import { mergeRows } from "./merge_rows.ts";
import { decodeParquet, encodeParquet } from "./parquet_codec.ts";
import { checkTable, projectSchema, schemaId, type TableSchema } from "./table_schema.ts";

const TABLE_NAME = /^[A-Za-z0-9][A-Za-z0-9_.~-]*$|^~[A-Za-z0-9_.~-]+$/;
const HASH_DIGITS_IN_FILE_NAME = 16;
const TIME_COLUMN = "timestamp";

/** One table to be written. */
export interface TableWrite {
  /** Letters, digits and `_ . ~ -`. */
  readonly name: string;
  /** What the columns are held to. */
  readonly schema: TableSchema;
  /** The rows to be written. */
  readonly columns: readonly Column[];
  /** `replace`: the columns are the whole table. `merge`: rows of an older table are kept unless their timestamp is
   * among the new ones, as for a source that tells only what is recent. */
  readonly mode: "replace" | "merge";
  /** SHA-256 of what the columns were taken from; null when there is nothing to compare with later. */
  readonly sourceSha256: string | null;
}

/** Tables in a folder. The content of a table is a file that is never changed; the catalog, replaced in one step, says
 * which files are current. So a reader sees the state of one commit, and a killed writer leaves the last one. */
export interface Lakehouse {
  /** The folder, as it was given. */
  readonly dir: string;
  /** The current tables by name: one snapshot, which later writes do not change. */
  list(): Promise<ReadonlyMap<string, TableEntry>>;
  /** The columns of a table.
   * @param entry of a snapshot that {@linkcode Lakehouse.list} gave
   * @param only the columns wanted, in the order of the schema; default: all
   * @throws {UserError} when its file is gone, damaged or not as the schema says */
  readTable(
    entry: TableEntry,
    schema: TableSchema,
    only?: readonly string[],
  ): Promise<Column[]>;
  /** Writes tables and commits them together; writers of other processes wait.
   * @returns the new entries, in the order given
   * @throws {UserError} when columns are not as their schema says; then nothing was committed */
  writeTables(writes: readonly TableWrite[]): Promise<TableEntry[]>;
}

/** Opens the lakehouse of a folder, which need not exist before the first write. */
export function openLakehouse(dir: string): Lakehouse {
  const catalogPath = `${dir}/catalog.json`;
  return {
    dir,
    list: () => readCatalog(catalogPath),
    readTable: (entry, schema, only) => readTable(dir, entry, schema, only),
    writeTables: async (writes) => {
      await Deno.mkdir(`${dir}/tables`, { recursive: true });
      using lock = await Deno.open(`${dir}/.lock`, { write: true, create: true });
      // Released with the file, also when the process is killed.
      await lock.lock(true);
      const tables = await readCatalog(catalogPath);
      const entries: TableEntry[] = [];
      for (const write of writes) {
        const entry = await writeTable(dir, write, tables.get(write.name));
        tables.set(entry.name, entry);
        entries.push(entry);
      }
      await writeCatalog(catalogPath, tables);
      await removeUnlisted(dir, tables);
      return entries;
    },
  };
}

async function readTable(
  dir: string,
  entry: TableEntry,
  schema: TableSchema,
  only?: readonly string[],
): Promise<Column[]> {
  const path = `${dir}/${entry.file}`;
  const refuse = (reason: string, cause?: unknown) =>
    new UserError(`Cannot read table ${entry.name} (${path}): ${reason}`, {
      hint: "Fetch again; delete the lakehouse folder first if the file was damaged.",
      cause,
    });
  if (entry.schema !== schemaId(schema)) {
    throw refuse(`expected the schema ${schemaId(schema)}; found ${entry.schema}`);
  }
  let bytes: Uint8Array;
  try {
    bytes = await Deno.readFile(path);
  } catch (cause) {
    const gone = cause instanceof Deno.errors.NotFound;
    throw refuse(
      gone ? "the file is gone, or the table was written anew" : errorMessage(cause),
      cause,
    );
  }
  const found = sha256Hex(bytes);
  if (found !== entry.sha256) {
    throw refuse(`expected content with SHA-256 ${entry.sha256}; found ${found}`);
  }
  const columns = await decodeParquet(bytes, path, only);
  checkTable(only ? projectSchema(schema, only) : schema, columns, entry.name, path);
  return columns;
}

async function writeTable(
  dir: string,
  write: TableWrite,
  current: TableEntry | undefined,
): Promise<TableEntry> {
  const { name, schema, sourceSha256 } = write;
  if (!TABLE_NAME.test(name) || name.includes("..")) {
    throw new UserError(`Cannot write a table named ${JSON.stringify(name)}`, {
      hint: "A table's name has letters, digits and _ . ~ -",
    });
  }
  let { columns } = write;
  checkTable(schema, columns, name, "to be written");
  if (write.mode === "merge" && current !== undefined && current.schema === schemaId(schema)) {
    columns = mergeRows(await readTable(dir, current, schema), columns, TIME_COLUMN);
  }
  const bytes = await encodeParquet(columns);
  const sha256 = sha256Hex(bytes);
  const file = `tables/${name}.${sha256.slice(0, HASH_DIGITS_IN_FILE_NAME)}.parquet`;
  if (current?.sha256 !== sha256 || !(await exists(`${dir}/${file}`))) {
    await writeFileAtomic(`${dir}/${file}`, bytes);
  }
  const hasTime = columns.some((column) => column.name === TIME_COLUMN && column.dtype !== "utf8");
  const times = hasTime ? numbersOf(columns, TIME_COLUMN) : new Float64Array();
  return {
    name,
    schema: schemaId(schema),
    file,
    rows: columns[0]?.values.length ?? 0,
    minTimestampS: times.length === 0 ? null : times.reduce((a, b) => Math.min(a, b)),
    maxTimestampS: times.length === 0 ? null : times.reduce((a, b) => Math.max(a, b)),
    sha256,
    sourceSha256,
  };
}

async function exists(path: string): Promise<boolean> {
  try {
    await Deno.stat(path);
    return true;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}

/** Removes files of earlier contents, and those that a killed writer left. Called with the lock held. */
async function removeUnlisted(dir: string, tables: ReadonlyMap<string, TableEntry>): Promise<void> {
  const current = new Set([...tables.values()].map(({ file }) => file));
  for await (const { name } of Deno.readDir(`${dir}/tables`)) {
    if (!current.has(`tables/${name}`)) await Deno.remove(`${dir}/tables/${name}`);
  }
}
