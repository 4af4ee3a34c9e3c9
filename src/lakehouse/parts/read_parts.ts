import { errorMessage, UserError } from "../../base/errors.ts";
import { sha256Hex } from "../../base/hash.ts";
import { type Column, numbersOf } from "../columns.ts";
import type { PartEntry } from "../snapshots/manifest.ts";
import type { ObjectStore } from "../store/object_store.ts";
import { IN_FLIGHT, inParallel } from "../store/parallel.ts";
import type { ColumnSchema, StoredSchema } from "../table_schema.ts";
import { damagedPart } from "./damaged_part.ts";
import { decodePart } from "./part_file.ts";
import { planRanges, readRanges } from "./read_ranges.ts";

/** What is wanted of a table. */
export interface ReadSelection {
  /** In the order of the schema whatever the order here; default: all. */
  readonly columns?: readonly string[];
  /** Only rows whose first sorting column is not below this; default: from the first. */
  readonly from?: number;
  /** Only rows whose first sorting column is not above this; default: to the last. */
  readonly to?: number;
}

/** Reads of a table's parts what is wanted, and no part without a row of it.
 * @param parts in the order of their rows
 * @param schema that the parts have
 * @returns the columns wanted, in the order of the schema
 * @throws {UserError} when a part is gone or is not what was written */
export async function readParts(
  store: ObjectStore,
  table: string,
  parts: readonly PartEntry[],
  schema: StoredSchema,
  { columns: only, from = -Infinity, to = Infinity }: ReadSelection,
): Promise<Column[]> {
  const wanted = schema.columns.filter(({ name }) => only?.includes(name) ?? true);
  const isRanged = from !== -Infinity || to !== Infinity;
  const key = isRanged ? rangeKey(schema, table) : undefined;
  const names = wanted.map(({ name }) => name);
  const read = key === undefined || names.includes(key) ? names : [key, ...names];
  const needed = key === undefined
    ? parts
    : parts.filter(({ stats: { [key]: [min, max] } }) => Number(max) >= from && Number(min) <= to);
  const pieces = await inParallel(IN_FLIGHT, needed, async (part) => {
    const columns = await readPart(store, table, part, schema.columns, read);
    return key === undefined ? columns : withinRange(columns, key, from, to);
  });
  return wanted.map(({ name, dtype }) =>
    concatenate(name, dtype, pieces.map((piece) => piece.find((one) => one.name === name)!))
  );
}

/** Columns of a part, in the order of the file, with no more bytes than they need unless that is most of the part.
 * @param columns all that it has, in their order
 * @param wanted names of columns
 * @throws {UserError} when it is gone, or is not what was written */
export async function readPart(
  store: ObjectStore,
  table: string,
  part: PartEntry,
  columns: readonly Pick<ColumnSchema, "name" | "dtype">[],
  wanted: readonly string[] = columns.map(({ name }) => name),
): Promise<Column[]> {
  const names = new Set(wanted);
  const ranges = planRanges(part, columns.map(({ name }) => names.has(name)));
  if (ranges !== undefined) return await readRanges(store, table, part, ranges, columns);
  const bytes = await readWhole(store, table, part);
  try {
    return decodePart(bytes, part.rows, columns, names);
  } catch (cause) {
    throw damagedPart(store, table, part, errorMessage(cause), {
      hint: "It was not written by this version of Tradewind: write the table anew.",
      cause,
    });
  }
}

/** The bytes of a part, which are those that were written.
 * @throws {UserError} when they are not, or are gone */
export async function readWhole(
  store: ObjectStore,
  table: string,
  part: PartEntry,
): Promise<Uint8Array> {
  const refuse = (reason: string) =>
    damagedPart(store, table, part, reason, {
      hint:
        "Fetch or sync again; see lakehouse verify for what else is damaged. A version that was dropped cannot be read.",
    });
  const found = await store.get(part.file);
  if (found === undefined) throw refuse("the file is gone");
  const sha256 = found.sha256 ?? sha256Hex(found.bytes);
  if (sha256 === part.sha256) return found.bytes;
  throw refuse(`expected content with SHA-256 ${part.sha256}; found ${sha256}`);
}

/** The column by which ranges are told.
 * @throws {UserError} when the table is not sorted by numbers */
function rangeKey(schema: StoredSchema, table: string): string {
  const key = schema.columns.find(({ name }) => name === schema.sortedBy[0]);
  if (key !== undefined && key.dtype !== "utf8") return key.name;
  throw new UserError(
    "lakehouse/no-column",
    `Cannot read a range of table ${table}: it is sorted by ${
      key?.name ?? "nothing"
    }, not by numbers`,
  );
}

function withinRange(columns: readonly Column[], key: string, from: number, to: number): Column[] {
  const keys = numbersOf(columns, key);
  let start = 0, end = keys.length;
  while (start < end && keys[start] < from) start++;
  while (end > start && keys[end - 1] > to) end--;
  return columns.map((column): Column =>
    column.dtype === "utf8"
      ? { ...column, values: column.values.slice(start, end) }
      : { ...column, values: column.values.slice(start, end) }
  );
}

/** One column of the pieces of it that parts have. Whole numbers with holes come as floats from a file: a check against
 * the schema says so. */
function concatenate(
  name: string,
  dtype: Column["dtype"],
  pieces: readonly Column[],
): Column {
  if (pieces.length === 1) return pieces[0];
  const other = pieces.find((piece) => piece.dtype !== dtype);
  if (other !== undefined) return other;
  if (dtype === "utf8") {
    return { name, dtype, values: pieces.flatMap(({ values }) => values as (string | null)[]) };
  }
  const values = new Float64Array(pieces.reduce((sum, piece) => sum + piece.values.length, 0));
  let at = 0;
  for (const piece of pieces) {
    values.set(piece.values as Float64Array, at);
    at += piece.values.length;
  }
  return { name, dtype, values };
}
