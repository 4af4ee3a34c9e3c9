import { UserError } from "../base/errors.ts";
import type { Column } from "./columns.ts";
import { readParts, type ReadSelection } from "./parts/read_parts.ts";
import type { TableEntry } from "./snapshots/manifest.ts";
import type { ObjectStore } from "./store/object_store.ts";
import { checkTable, migrate, projectSchema, schemaId, type TableSchema } from "./table_schema.ts";

/** The columns of a table, as a schema declares them.
 * @throws {UserError} when a file is gone, damaged or not as the schema says */
export async function readTable(
  store: ObjectStore,
  entry: TableEntry,
  schema: TableSchema,
  selection: ReadSelection = {},
): Promise<Column[]> {
  const { columns: only } = selection;
  const unknown = only?.find((name) => !schema.columns.some((column) => column.name === name));
  if (unknown !== undefined) {
    throw new UserError(
      "lakehouse/no-column",
      `Cannot read column "${unknown}" of table ${entry.name}: there is none`,
      {
        hint: `It has ${schema.columns.map(({ name }) => name).join(", ")}.`,
      },
    );
  }
  const projected = only === undefined ? schema : projectSchema(schema, only);
  const columns = entry.schema === schemaId(schema)
    ? await readParts(store, entry.name, entry.parts, schema, selection)
    : await readMigrated(store, entry, schema, selection);
  const file = entry.parts.length === 1 ? entry.parts[0].file : `${entry.parts.length} files`;
  checkTable(projected, columns, entry.name, `${store.url}/${file}`);
  return columns;
}

/** Reads what was written by an earlier version of a schema: all of it, since a migration may need every column. */
async function readMigrated(
  store: ObjectStore,
  entry: TableEntry,
  schema: TableSchema,
  { columns: only, ...range }: ReadSelection,
): Promise<Column[]> {
  const { name, version } = entry.declared;
  if (name !== schema.name || version > schema.version) {
    throw new UserError(
      "lakehouse/other-schema",
      `Cannot read table ${entry.name} (${store.url}): expected the schema ${
        schemaId(schema)
      }; found ${entry.schema}`,
      { hint: "It was written by a newer version of this program, or is a table of another kind." },
    );
  }
  const columns = await readParts(store, entry.name, entry.parts, entry.declared, range);
  const migrated = migrate(schema, version, columns, entry.name);
  return only === undefined ? migrated : migrated.filter(({ name }) => only.includes(name));
}
