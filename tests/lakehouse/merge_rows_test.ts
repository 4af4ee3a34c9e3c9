import { assertEquals } from "@std/assert";
import fc from "fast-check";
import { type Column, numbersOf } from "../../src/lakehouse/columns.ts";
import { mergeRows } from "../../src/lakehouse/merge_rows.ts";

function table(keys: number[], mark: string): Column[] {
  return [
    { name: "timestamp", dtype: "i64", values: Float64Array.from(keys) },
    { name: "source", dtype: "utf8", values: keys.map((key) => `${mark}${key}`) },
  ];
}

Deno.test("mergeRows() keeps the newer row of a key that both tables have", () => {
  const merged = mergeRows(table([1, 2, 4], "old"), table([2, 3], "new"), "timestamp");
  assertEquals(merged[0].values, Float64Array.of(1, 2, 3, 4));
  assertEquals(merged[1].values, ["old1", "new2", "new3", "old4"]);
});

Deno.test("mergeRows() gives the sorted union of the keys", () => {
  const keys = fc.uniqueArray(fc.nat(30)).map((list) => list.sort((a, b) => a - b));
  fc.assert(fc.property(keys, keys, (older, newer) => {
    const merged = numbersOf(
      mergeRows(table(older, "o"), table(newer, "n"), "timestamp"),
      "timestamp",
    );
    assertEquals([...merged], [...new Set([...older, ...newer])].sort((a, b) => a - b));
  }));
});
