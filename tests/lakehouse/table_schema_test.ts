import { assertThrows } from "@std/assert";
import { UserError } from "../../src/base/errors.ts";
import type { Column } from "../../src/lakehouse/columns.ts";
import { checkTable, type TableSchema } from "../../src/lakehouse/table_schema.ts";

const SCHEMA: TableSchema = {
  name: "weights",
  version: 2,
  columns: [
    { name: "window", dtype: "i64", nullable: false, unit: "ordinal" },
    { name: "symbol", dtype: "utf8", nullable: false, unit: "" },
    { name: "weight", dtype: "f64", nullable: true, unit: "fraction of wealth" },
  ],
  sortedBy: ["window"],
  uniqueKeys: ["window", "symbol"],
};

function table(windows: number[], symbols: (string | null)[], weights: number[]): Column[] {
  return [
    { name: "window", dtype: "i64", values: Float64Array.from(windows) },
    { name: "symbol", dtype: "utf8", values: symbols },
    { name: "weight", dtype: "f64", values: Float64Array.from(weights) },
  ];
}

const check = (columns: Column[]) => checkTable(SCHEMA, columns, "t1", "t1.parquet");

Deno.test("checkTable() accepts what the schema says", () => {
  check(table([0, 0, 1], ["A", "B", "A"], [0.5, NaN, 1]));
  check(table([], [], []));
});

Deno.test("checkTable() names table, file, column, expected and found", () => {
  const refused = (columns: Column[], part: string) => {
    const error = assertThrows(() => check(columns), UserError, part);
    for (const name of ["t1", "t1.parquet", "weights@2"]) {
      if (!error.message.includes(name)) throw new Error(`${error.message} lacks ${name}`);
    }
  };
  const good = table([0, 1], ["A", "A"], [1, 1]);
  refused(good.slice(0, 2), "expected the columns window, symbol, weight; found window, symbol");
  refused(
    [good[0], good[1], { ...good[0], name: "weight" }],
    'expected column "weight" to be f64; found i64',
  );
  refused(table([0, 1], ["A", "A"], [1]), 'expected 2 rows in column "weight"; found 1');
  refused(table([0, 1], ["A", null], [1, 1]), 'every row of column "symbol"; found none in row 2');
  refused(table([1, 0], ["A", "A"], [1, 1]), 'sorted by "window"; found 0 after 1 in row 2');
  refused(table([0, 0], ["A", "A"], [1, 1]), 'found [0,"A"] in rows 1 and 2');
});
