import { errorMessage } from "../base/errors.ts";
import { readWhole } from "./parts/read_parts.ts";
import { statsOf } from "./parts/part_stats.ts";
import { decodePart } from "./parts/part_file.ts";
import type { PartEntry, TableEntry } from "./snapshots/manifest.ts";
import { readCatalog, readManifest } from "./snapshots/read_snapshot.ts";
import type { ObjectStore } from "./store/object_store.ts";
import { inParallel } from "./store/parallel.ts";
import { checkTable } from "./table_schema.ts";

/** Parts that are checked at once. */
const PARTS_IN_FLIGHT = 4;

/** What a check of a lakehouse found. */
export interface LakehouseVerdict {
  readonly versions: number;
  readonly tables: number;
  readonly parts: number;
  readonly sizeBytes: number;
  /** One sentence each; none when all is whole. */
  readonly problems: readonly string[];
}

/** Checks all that the versions of a lakehouse name: manifests and parts by their hashes, every part's rows, bounds, order
 * and types against what is said of it, and that the parts of a table follow each other.
 * @param onProgress told after every part, with how many there are
 * @throws {UserError} when the catalog itself cannot be read */
export async function verifyLakehouse(
  store: ObjectStore,
  onProgress: (done: number, total: number) => void,
): Promise<LakehouseVerdict> {
  const { catalog } = await readCatalog(store);
  const problems: string[] = [];
  const tables = new Map<string, TableEntry>();
  const parts = new Map<string, { readonly table: TableEntry; readonly part: PartEntry }>();
  for (const version of catalog.versions) {
    const manifest = await readManifest(store, version).catch((error) => {
      problems.push(errorMessage(error));
      return { tables: new Map<string, TableEntry>() };
    });
    if (manifest === undefined) {
      problems.push(`The manifest ${version.manifest} of version ${version.version} is gone`);
    }
    for (const table of manifest?.tables.values() ?? []) {
      tables.set(`${table.name} ${table.sha256}`, table);
      for (const part of table.parts) parts.set(part.file, { table, part });
    }
  }
  let done = 0;
  await inParallel(PARTS_IN_FLIGHT, [...parts.values()], async ({ table, part }) => {
    const problem = await problemOf(store, table, part);
    if (problem !== undefined) problems.push(problem);
    onProgress(++done, parts.size);
  });
  for (const table of tables.values()) problems.push(...disorderOf(table));
  const sizeBytes = [...parts.values()].reduce((sum, { part }) => sum + part.sizeBytes, 0);
  const { length: versions } = catalog.versions;
  return { versions, tables: tables.size, parts: parts.size, sizeBytes, problems };
}

async function problemOf(
  store: ObjectStore,
  table: TableEntry,
  part: PartEntry,
): Promise<string | undefined> {
  try {
    const where = `${store.url}/${part.file}`;
    const bytes = await readWhole(store, table.name, part);
    // It has as many rows as are said, or is refused.
    const columns = decodePart(bytes, part.rows, table.declared.columns);
    checkTable(table.declared, columns, table.name, where);
    const wrong = columns.find((column) =>
      JSON.stringify(statsOf(column)) !== JSON.stringify(part.stats[column.name])
    );
    return wrong && `${where} has other bounds in column ${wrong.name} than are said`;
  } catch (error) {
    return errorMessage(error);
  }
}

function disorderOf({ name, declared, parts }: TableEntry): string[] {
  const [key] = declared.sortedBy;
  if (key === undefined) return [];
  return parts.flatMap(({ file, stats }, i) => {
    const [before] = parts.slice(i - 1, i);
    const [last, first] = [before?.stats[key][1] ?? null, stats[key][0]];
    const isBehind = i === 0 || last === null || first === null || first >= last;
    return isBehind ? [] : [`Table ${name}: ${file} begins at ${first}, before ${last}`];
  });
}
