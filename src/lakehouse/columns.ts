/** One typed column of a table. Numbers of every kind travel as `Float64Array`:
 * - `f64`: NaN is a missing value (stored as null)
 * - `i64`: whole numbers, |x| < 2^53, none missing
 * - `timestamp`, `date`: seconds since the Unix epoch in UTC, none missing; stored as Datetime (ms, UTC) and as Date
 * - `utf8`: text, null where missing */
export type Column =
  | { readonly name: string; readonly dtype: NumericType; readonly values: Float64Array }
  | { readonly name: string; readonly dtype: "utf8"; readonly values: readonly (string | null)[] };

/** The types of {@linkcode Column} that hold numbers. */
export type NumericType = "f64" | "i64" | "timestamp" | "date";

/** Every type that a {@linkcode Column} can have. */
export type ColumnType = Column["dtype"];

/** The numbers of the named column.
 * @throws {TypeError} when there is no such column, or when it holds text */
export function numbersOf(columns: readonly Column[], name: string): Float64Array {
  const column = columns.find((candidate) => candidate.name === name);
  if (column === undefined || column.dtype === "utf8") {
    throw new TypeError(`Cannot take numbers from column "${name}": ${column ? "text" : "absent"}`);
  }
  return column.values;
}
