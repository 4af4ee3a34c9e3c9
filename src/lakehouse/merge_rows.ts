import { type Column, numbersOf } from "./columns.ts";

/** The union of two tables' rows by a numeric key that rises in both; of a key in both, the newer row is kept whole.
 * @param older and `newer` with the same columns in the same order
 * @param key the column, for instance `timestamp` */
export function mergeRows(
  older: readonly Column[],
  newer: readonly Column[],
  key: string,
): Column[] {
  const olderKeys = numbersOf(older, key), newerKeys = numbersOf(newer, key);
  // Each row of the result as an index: i for a row of `older`, -1 - i for one of `newer`.
  const picks: number[] = [];
  let i = 0, j = 0;
  while (i < olderKeys.length || j < newerKeys.length) {
    if (j === newerKeys.length || olderKeys[i] < newerKeys[j]) {
      picks.push(i++);
    } else {
      if (olderKeys[i] === newerKeys[j]) i++;
      picks.push(-1 - j++);
    }
  }
  return older.map((column, c): Column => {
    const replacement = newer[c];
    if (column.dtype === "utf8" || replacement.dtype === "utf8") {
      if (column.dtype !== replacement.dtype) {
        throw new TypeError(
          `Cannot merge column "${column.name}": ${column.dtype} with ${replacement.dtype}`,
        );
      }
      const values = picks.map((pick) =>
        pick >= 0 ? column.values[pick] : replacement.values[-1 - pick]
      );
      return { name: column.name, dtype: "utf8", values: values as (string | null)[] };
    }
    const values = Float64Array.from(
      picks,
      (pick) => pick >= 0 ? column.values[pick] : replacement.values[-1 - pick],
    );
    return { name: column.name, dtype: column.dtype, values };
  });
}
