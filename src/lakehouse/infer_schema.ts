import type { Column } from "./columns.ts";
import type { TableSchema } from "./table_schema.ts";

/** The schema of columns that nobody has declared: values may be missing where some are; sorted by the first column, and
 * unique by it, when it is of numbers that rise from row to row. */
export function inferSchema(name: string, columns: readonly Column[]): TableSchema {
  const [first] = columns;
  const isKey = first !== undefined && first.dtype !== "utf8" && isRising(first.values);
  const key = isKey ? [first.name] : [];
  return {
    name,
    version: 1,
    columns: columns.map((column) => ({
      name: column.name,
      dtype: column.dtype,
      nullable: column.dtype === "utf8"
        ? column.values.includes(null)
        : column.values.some(Number.isNaN),
      unit: column.dtype === "timestamp" || column.dtype === "date" ? "UTC" : "",
    })),
    sortedBy: key,
    uniqueKeys: key,
  };
}

function isRising(values: Float64Array): boolean {
  for (let i = 0; i < values.length; i++) {
    if (Number.isNaN(values[i]) || (i > 0 && values[i] <= values[i - 1])) return false;
  }
  return true;
}
