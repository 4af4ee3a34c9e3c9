import { sha256Hex } from "../../base/hash.ts";
import { newId } from "../../base/ids.ts";
import { type Column, numbersOf } from "../columns.ts";
import { mergeRows } from "../merge_rows.ts";
import type { PartEntry } from "../snapshots/manifest.ts";
import type { ObjectStore } from "../store/object_store.ts";
import { planMerge, splitRows } from "./merge_plan.ts";
import { encodePart } from "./part_file.ts";
import { chunkEntry } from "./read_ranges.ts";

/** Values in a part at most: what a read by dates has to fetch at least, and a merge to write. */
const CELLS_PER_PART = 2 ** 19;
const MIN_ROWS_PER_PART = 256;
/** See `PartLimits`. */
const TAIL_ROWS = 256;
const HASH_DIGITS_IN_FILE_NAME = 16;
/** A part up to this size is read as a whole, whatever is wanted of it: several requests take longer than one. */
const WHOLE_BYTES = 2 ** 15;

/** Where parts are written, and which ones need not be: a part of the same content that the table has already. */
export interface PartTarget {
  readonly store: ObjectStore;
  readonly table: string;
  readonly current: readonly PartEntry[];
}

/** Writes columns as parts.
 * @param columns of equal length
 * @returns the parts, in the order of the rows; none for no rows */
export async function writeParts(
  target: PartTarget,
  columns: readonly Column[],
): Promise<PartEntry[]> {
  const rows = columns[0]?.values.length ?? 0;
  if (rows === 0) return [];
  const parts: PartEntry[] = [];
  for (const [from, to] of splitRows(rows, maxRowsOf(columns))) {
    parts.push(await writePart(target, sliceRows(columns, from, to)));
  }
  return parts;
}

/** Merges rows into the parts of a table, writing only those that change.
 * @param key the column by which both rise
 * @param readPart gives the columns of a part
 * @returns all parts of the table, in the order of the key */
export async function mergeIntoParts(
  target: PartTarget,
  columns: readonly Column[],
  key: string,
  readPart: (part: PartEntry) => Promise<Column[]>,
): Promise<PartEntry[]> {
  const { current } = target;
  const keyed = current.map(({ rows, stats }) => ({
    rows,
    minKey: Number(stats[key][0]),
    maxKey: Number(stats[key][1]),
  }));
  const limits = { maxRows: maxRowsOf(columns), tailRows: TAIL_ROWS };
  const parts: PartEntry[] = [];
  for (const step of planMerge(keyed, numbersOf(columns, key), limits)) {
    if (step.type === "keep") {
      parts.push(current[step.part]);
      continue;
    }
    let merged = sliceRows(columns, step.from, step.to);
    for (const part of [...step.parts].reverse()) {
      merged = mergeRows(await readPart(current[part]), merged, key);
    }
    parts.push(...await writeParts(target, merged));
  }
  return parts;
}

function maxRowsOf(columns: readonly Column[]): number {
  return Math.max(MIN_ROWS_PER_PART, Math.floor(CELLS_PER_PART / columns.length));
}

async function writePart(
  { store, table, current }: PartTarget,
  columns: readonly Column[],
): Promise<PartEntry> {
  const rows = columns[0].values.length;
  const { bytes, stats, chunks } = encodePart(columns);
  const sha256 = sha256Hex(bytes);
  const same = current.find((part) => part.sha256 === sha256);
  if (same !== undefined) return same;
  const file = newPartFile(table, sha256);
  await store.put(file, bytes, sha256);
  return {
    file,
    sizeBytes: bytes.length,
    sha256,
    rows,
    stats: Object.fromEntries(columns.map(({ name }, j) => [name, stats[j]])),
    chunks: bytes.length <= WHOLE_BYTES ? [] : chunks.map(chunkEntry),
  };
}

/** A key for a new part. It is used once: a collection that has looked at the files never sees one of them come back to
 * life. */
export function newPartFile(table: string, sha256: string): string {
  return `tables/${table}/${sha256.slice(0, HASH_DIGITS_IN_FILE_NAME)}-${newId("part")}.parquet`;
}

/** The rows from `from` to before `to`. */
function sliceRows(columns: readonly Column[], from: number, to: number): Column[] {
  return columns.map((column): Column =>
    column.dtype === "utf8"
      ? { ...column, values: column.values.slice(from, to) }
      : { ...column, values: column.values.subarray(from, to) }
  );
}
