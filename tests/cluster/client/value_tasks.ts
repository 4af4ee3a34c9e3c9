/** Functions on large values that the cluster's tests run on workers. */
import polars from "nodejs-polars";
import type { DataFrame } from "nodejs-polars";

/** The rows of the highest closes. */
export function dearest(frame: DataFrame, rows: number): DataFrame {
  return frame.sort(polars.col("close"), true).head(rows);
}

/** How many rows there are. */
export function height(frame: DataFrame): number {
  return frame.height;
}

/** The sum of all. */
export function total(values: Float64Array, { nested }: { nested: Int32Array }): number {
  const sum = (list: Float64Array | Int32Array) => {
    let result = 0;
    for (const value of list) result += value;
    return result;
  };
  return sum(values) + sum(nested);
}
