import { UserError } from "../base/errors.ts";
import type { Column, ColumnType } from "./columns.ts";

/** What a table of the lakehouse promises; held to at every write and every read. */
export interface TableSchema extends StoredSchema {
  /** How tables of earlier versions become tables of this one; without one for its version a table is refused. */
  readonly migrations?: readonly SchemaMigration[];
}

/** Turns the columns of a table of one version into those of the next. */
export interface SchemaMigration {
  readonly fromVersion: number;
  /** Takes columns as version `fromVersion` declares them, gives them as `fromVersion + 1` does. */
  migrate(columns: readonly Column[]): Column[];
}

/** A schema as it is stored beside its tables. */
export interface StoredSchema {
  /** What kind of table it is, for instance `prices`; many tables can share a schema. */
  readonly name: string;
  /** Counts up when the columns change. */
  readonly version: number;
  /** All columns, in the order in which they stand in the file. */
  readonly columns: readonly ColumnSchema[];
  /** Columns by which rows are sorted, rising, the first one first. */
  readonly sortedBy: readonly string[];
  /** Columns whose values together are different in every row. */
  readonly uniqueKeys: readonly string[];
}

/** One column of a {@linkcode TableSchema}. */
export interface ColumnSchema {
  /** The heading. */
  readonly name: string;
  /** The type of its values; a file with another one is refused. */
  readonly dtype: ColumnType;
  /** Whether values may be missing. */
  readonly nullable: boolean;
  /** For people: `s since 1970, UTC`, `USD`, `shares`. */
  readonly unit: string;
}

/** A schema by name and version, as the catalog stores it. */
export function schemaId(schema: StoredSchema): string {
  return `${schema.name}@${schema.version}`;
}

/** A schema without what cannot be stored. */
export function storedSchema({ migrations: _, ...stored }: TableSchema): StoredSchema {
  return stored;
}

/** Brings the columns of an older version of a schema up to the schema, migration after migration.
 * @param fromVersion the version that the columns have
 * @param table names the table in messages
 * @throws {UserError} when a migration is missing */
export function migrate(
  schema: TableSchema,
  fromVersion: number,
  columns: readonly Column[],
  table: string,
): Column[] {
  let migrated = [...columns];
  for (let version = fromVersion; version !== schema.version; version++) {
    const step = schema.migrations?.find((one) => one.fromVersion === version);
    if (step === undefined) {
      throw new UserError(
        "lakehouse/other-schema",
        `Cannot use table ${table} as ${schemaId(schema)}: it is ${schema.name}@${fromVersion}, ` +
          `and there is no migration from version ${version}`,
        { hint: "Write the table anew from its source." },
      );
    }
    migrated = step.migrate(migrated);
  }
  return migrated;
}

/** The part of a schema that tells of some of its columns. */
export function projectSchema(schema: StoredSchema, names: readonly string[]): StoredSchema {
  const keep = (name: string) => names.includes(name);
  return {
    ...schema,
    columns: schema.columns.filter(({ name }) => keep(name)),
    sortedBy: schema.sortedBy.every(keep) ? schema.sortedBy : [],
    uniqueKeys: schema.uniqueKeys.every(keep) ? schema.uniqueKeys : [],
  };
}

/** Holds columns to a schema.
 * @param table names the table in messages
 * @param file names its file there
 * @throws {UserError} naming table, file, column, and what was expected and found: another set or order of columns,
 * another type, a missing value where none may be, rows unsorted, a key twice */
export function checkTable(
  schema: StoredSchema,
  columns: readonly Column[],
  table: string,
  file: string,
): void {
  const refuse = (problem: string): never => {
    throw new UserError(
      "lakehouse/other-schema",
      `Cannot use table ${table} (${file}) as ${schemaId(schema)}: ${problem}`,
      {
        hint:
          "Delete the lakehouse folder and fetch again if this table was not changed on purpose.",
      },
    );
  };
  const expected = schema.columns.map(({ name }) => name).join(", ");
  const found = columns.map(({ name }) => name).join(", ");
  if (expected !== found) refuse(`expected the columns ${expected}; found ${found}`);
  schema.columns.forEach((declared, j) => {
    const { name, dtype, values } = columns[j];
    if (dtype !== declared.dtype) {
      refuse(`expected column "${name}" to be ${declared.dtype}; found ${dtype}`);
    }
    if (values.length !== columns[0].values.length) {
      refuse(
        `expected ${columns[0].values.length} rows in column "${name}"; found ${values.length}`,
      );
    }
    const missing = declared.nullable ? -1 : firstMissing(columns[j]);
    if (missing >= 0) {
      refuse(`expected a value in every row of column "${name}"; found none in row ${missing + 1}`);
    }
  });
  checkOrder(schema, columns, refuse);
  checkKeys(schema, columns, refuse);
}

function firstMissing({ dtype, values }: Column): number {
  if (dtype === "utf8") return values.indexOf(null);
  // A loop: a call for every value would take longer than the rest of the check.
  for (let i = 0; i < values.length; i++) if (Number.isNaN(values[i])) return i;
  return -1;
}

function checkOrder(
  schema: StoredSchema,
  columns: readonly Column[],
  refuse: (problem: string) => never,
): void {
  const sorted = schema.sortedBy.map((name) => columns.find((column) => column.name === name)!);
  const length = columns[0]?.values.length ?? 0;
  for (let i = 1; i < length; i++) {
    for (const { name, values } of sorted) {
      const before = values[i - 1] ?? "", here = values[i] ?? "";
      if (here > before) break;
      if (here < before) {
        refuse(`expected rows sorted by "${name}"; found ${here} after ${before} in row ${i + 1}`);
      }
    }
  }
}

function checkKeys(
  schema: StoredSchema,
  columns: readonly Column[],
  refuse: (problem: string) => never,
): void {
  if (schema.uniqueKeys.length === 0 || isStrictlyRising(schema, columns)) return;
  const keys = schema.uniqueKeys.map((name) => columns.find((column) => column.name === name)!);
  const rows = new Map<unknown, number>();
  const length = columns[0]?.values.length ?? 0;
  for (let i = 0; i < length; i++) {
    const key = keys.length === 1
      ? keys[0].values[i]
      : JSON.stringify(keys.map(({ values }) => values[i]));
    const earlier = rows.get(key);
    if (earlier !== undefined) {
      refuse(
        `expected each ${schema.uniqueKeys.join(", ")} once; found ${key} in rows ${
          earlier + 1
        } and ${i + 1}`,
      );
    }
    rows.set(key, i);
  }
}

/** Whether the only key rises from row to row, which shows at little cost that none comes twice. */
function isStrictlyRising(schema: StoredSchema, columns: readonly Column[]): boolean {
  const column = columns.find(({ name }) => name === schema.uniqueKeys[0])!;
  if (schema.uniqueKeys.length !== 1 || column.dtype === "utf8") return false;
  const { values } = column;
  for (let i = 1; i < values.length; i++) if (!(values[i] > values[i - 1])) return false;
  return true;
}
