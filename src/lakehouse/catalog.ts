import { z } from "zod";
import { writeFileAtomic } from "../base/atomic_file.ts";
import { errorMessage, UserError } from "../base/errors.ts";

/** What the catalog knows of one table. */
export interface TableEntry {
  /** For prices as `priceTableName` makes it. */
  readonly name: string;
  /** Name and version of its schema, for instance `prices@1`. */
  readonly schema: string;
  /** The file of its current content, within the lakehouse. */
  readonly file: string;
  /** Rows of that content. */
  readonly rows: number;
  /** Least and greatest timestamp in seconds; null without rows or without such a column. */
  readonly minTimestampS: number | null;
  /** See `minTimestampS`. */
  readonly maxTimestampS: number | null;
  /** SHA-256 of the file's bytes. */
  readonly sha256: string;
  /** SHA-256 of the source that it was last brought up to date with; null when it has none. */
  readonly sourceSha256: string | null;
}

const hex64 = z.string().regex(/^[0-9a-f]{64}$/);
const CATALOG = z.strictObject({
  version: z.literal(1),
  tables: z.array(z.strictObject({
    name: z.string(),
    schema: z.string(),
    file: z.string().regex(/^tables\/[A-Za-z0-9_.~-]+$/),
    rows: z.int().min(0),
    minTimestampS: z.number().nullable(),
    maxTimestampS: z.number().nullable(),
    sha256: hex64,
    sourceSha256: hex64.nullable(),
  })),
});

/** The tables of a lakehouse by name; none when it has no catalog yet.
 * @throws {UserError} when the catalog cannot be read */
export async function readCatalog(path: string): Promise<Map<string, TableEntry>> {
  let text: string;
  try {
    text = await Deno.readTextFile(path);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return new Map();
    throw error;
  }
  try {
    const { tables } = CATALOG.parse(JSON.parse(text));
    return new Map(tables.map((entry) => [entry.name, entry]));
  } catch (cause) {
    throw new UserError(`Cannot read the lakehouse catalog ${path}: ${errorMessage(cause)}`, {
      hint: "Delete the lakehouse folder; the next fetch fills it again.",
      cause,
    });
  }
}

/** Replaces the catalog in one step: the commit point of every write to the lakehouse. */
export async function writeCatalog(
  path: string,
  tables: ReadonlyMap<string, TableEntry>,
): Promise<void> {
  const sorted = [...tables.values()].sort((a, b) => a.name < b.name ? -1 : 1);
  const lines = sorted.map((entry) => `    ${JSON.stringify(entry)}`).join(",\n");
  await writeFileAtomic(path, `{\n  "version": 1,\n  "tables": [\n${lines}\n  ]\n}\n`);
}
