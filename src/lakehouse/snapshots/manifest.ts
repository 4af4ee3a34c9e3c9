import { z } from "zod";
import { errorMessage, UserError } from "../../base/errors.ts";
import { sha256Hex } from "../../base/hash.ts";
import { schemaId, type StoredSchema } from "../table_schema.ts";

/** Least value, greatest value and how many are missing, of one column in one part. The bounds are null when there is no
 * value, or an infinite one. */
export type ColumnStats = readonly [
  min: number | string | null,
  max: number | string | null,
  missing: number,
];

/** A file with some rows of a table; never changed once it is written. */
export interface PartEntry {
  /** Its key within the lakehouse. */
  readonly file: string;
  readonly sizeBytes: number;
  /** SHA-256 of its bytes. */
  readonly sha256: string;
  readonly rows: number;
  /** Of every column. */
  readonly stats: Readonly<Record<string, ColumnStats>>;
  /** Of every column in the order of the schema, one after the other in the file from `FIRST_CHUNK_AT` on: what a read of
   * some of them asks for. None for a file so small that it is always read as a whole. */
  readonly chunks: readonly ChunkEntry[];
}

/** The bytes that a column takes in a part, and the first 128 bits of their SHA-256 in hexadecimal digits: by them a read
 * of a range is checked without the rest. */
export type ChunkEntry = readonly [sizeBytes: number, sha256: string];

/** What a version says of one table. */
export interface TableEntry {
  /** For prices as `priceTableName` makes it. */
  readonly name: string;
  /** Name and version of its schema, for instance `prices@1`. */
  readonly schema: string;
  /** That schema, as the writer declared it. */
  readonly declared: StoredSchema;
  /** Its rows, part after part. */
  readonly parts: readonly PartEntry[];
  /** SHA-256 of what a table's content was last taken from; null when there is nothing to compare with later. */
  readonly sourceSha256: string | null;
  /** Of all parts. */
  readonly rows: number;
  /** SHA-256 of its schema and the hashes of its parts: equal hashes, equal contents. */
  readonly sha256: string;
  /** Least and greatest value of the column `timestamp`; null without rows or without such a column of numbers. */
  readonly minTimestampS: number | null;
  /** See `minTimestampS`. */
  readonly maxTimestampS: number | null;
}

/** All tables of one version of a lakehouse, by name. */
export interface Manifest {
  readonly tables: ReadonlyMap<string, TableEntry>;
}

/** The manifest of a lakehouse to which nothing was written yet. */
export const EMPTY_MANIFEST: Manifest = { tables: new Map() };

const TIME_COLUMN = "timestamp";
const hex64 = z.string().regex(/^[0-9a-f]{64}$/);
const count = z.int().min(0);
const bound = z.union([z.number(), z.string(), z.null()]);
const MANIFEST = z.strictObject({
  format: z.literal(2),
  schemas: z.record(
    z.string(),
    z.strictObject({
      name: z.string(),
      version: count,
      columns: z.array(z.strictObject({
        name: z.string(),
        dtype: z.enum(["f64", "i64", "timestamp", "date", "utf8"]),
        nullable: z.boolean(),
        unit: z.string(),
      })),
      sortedBy: z.array(z.string()),
      uniqueKeys: z.array(z.string()),
    }),
  ),
  tables: z.array(z.strictObject({
    name: z.string(),
    schema: z.string(),
    sourceSha256: hex64.nullable(),
    parts: z.array(z.strictObject({
      file: z.string().regex(/^tables\/[A-Za-z0-9_.~-]+\/[A-Za-z0-9_.~-]+$/),
      sizeBytes: count,
      sha256: hex64,
      rows: count,
      stats: z.record(z.string(), z.tuple([bound, bound, count])),
      chunks: z.array(z.tuple([count, z.string().regex(/^[0-9a-f]{32}$/)])),
    })),
  })),
});

/** A table from its parts. */
export function tableEntry(
  { name, declared, parts, sourceSha256 }: Pick<
    TableEntry,
    "name" | "declared" | "parts" | "sourceSha256"
  >,
): TableEntry {
  const schema = schemaId(declared);
  const bounds = parts.flatMap(({ stats }) => {
    const [min, max] = stats[TIME_COLUMN] ?? [];
    return typeof min === "number" && typeof max === "number" ? [[min, max]] : [];
  });
  return {
    name,
    schema,
    declared,
    parts,
    sourceSha256,
    rows: parts.reduce((sum, { rows }) => sum + rows, 0),
    sha256: sha256Hex(JSON.stringify([schema, ...parts.map(({ sha256 }) => sha256)])),
    minTimestampS: bounds.length === 0
      ? null
      : bounds.reduce((least, [min]) => Math.min(least, min), Infinity),
    maxTimestampS: bounds.length === 0
      ? null
      : bounds.reduce((most, [, max]) => Math.max(most, max), -Infinity),
  };
}

/** A manifest as it is stored: JSON, one line a table. */
export function encodeManifest({ tables }: Manifest): Uint8Array {
  const sorted = [...tables.values()].sort((a, b) => a.name < b.name ? -1 : 1);
  const schemas = Object.fromEntries(sorted.map(({ schema, declared }) => [schema, declared]));
  const lines = sorted.map(({ name, schema, sourceSha256, parts }) =>
    JSON.stringify({ name, schema, sourceSha256, parts })
  );
  return new TextEncoder().encode(
    `{"format":2,"schemas":${JSON.stringify(schemas)},"tables":[\n${lines.join(",\n")}\n]}\n`,
  );
}

/** Reads what {@linkcode encodeManifest} wrote.
 * @param where names it in messages
 * @throws {UserError} when it is something else */
export function decodeManifest(bytes: Uint8Array, where: string): Manifest {
  try {
    const { tables, schemas } = MANIFEST.parse(JSON.parse(new TextDecoder().decode(bytes)));
    const entries = tables.map(({ schema, ...table }) => {
      const declared = Object.hasOwn(schemas, schema) ? schemas[schema] : undefined;
      if (declared === undefined || schemaId(declared) !== schema) {
        throw new Error(`table ${table.name} has no schema ${schema}`);
      }
      return [table.name, tableEntry({ ...table, declared })] as const;
    });
    return { tables: new Map(entries) };
  } catch (cause) {
    throw new UserError(
      "lakehouse/damaged",
      `Cannot read the manifest ${where}: ${errorMessage(cause)}`,
      {
        hint: "It was damaged or was not written by Tradewind: see lakehouse verify.",
        cause,
      },
    );
  }
}
