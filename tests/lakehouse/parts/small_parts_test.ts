import { assertEquals, assertRejects, assertThrows } from "@std/assert";
import fc from "fast-check";
import type { Column } from "../../../src/lakehouse/columns.ts";
import { decodeParquet } from "../../../src/lakehouse/parquet_codec.ts";
import {
  decodeSmall,
  encodeSmall,
  SMALL_BYTES,
  SMALL_CELLS,
} from "../../../src/lakehouse/parts/small_parts.ts";

const DAY_S = 86_400;

const times = fc.integer({ min: -(2 ** 31), max: 2 ** 31 });
const tables = fc.integer({ min: 1, max: 40 }).chain((rows) => {
  const of = <T>(value: fc.Arbitrary<T>) => fc.array(value, { minLength: rows, maxLength: rows });
  return fc.tuple(
    of(times.map((ms) => ms / 1000)),
    of(fc.integer({ min: -50_000, max: 50_000 }).map((days) => days * DAY_S)),
    of(fc.maxSafeInteger()),
    of(fc.double().map((x) => Object.is(x, -0) ? 0 : x)),
    of(fc.option(fc.string({ unit: "grapheme" }), { nil: null })),
  ).map(([t, d, n, x, s]): Column[] => [
    { name: "t", dtype: "timestamp", values: Float64Array.from(t) },
    { name: "d", dtype: "date", values: Float64Array.from(d) },
    { name: "n", dtype: "i64", values: Float64Array.from(n, (one) => one === 0 ? 0 : one) },
    { name: "x", dtype: "f64", values: Float64Array.from(x) },
    { name: "s", dtype: "utf8", values: s },
  ]);
});

Deno.test("decodeSmall() gives back what encodeSmall() was given, and so does the reader of all files", async () => {
  await fc.assert(
    fc.asyncProperty(tables, async (columns) => {
      const bytes = encodeSmall(columns);
      const names = columns.map(({ name }) => name);
      assertEquals(await decodeSmall(bytes, names), columns);
      assertEquals(await decodeParquet(bytes, "x"), columns);
      assertEquals(encodeSmall(columns), bytes);
    }),
    { numRuns: 50 },
  );
});

Deno.test("decodeSmall() gives the columns that are asked for, and refuses one that is not there", async () => {
  const columns: Column[] = [
    { name: "a", dtype: "f64", values: Float64Array.of(NaN, 1) },
    { name: "b", dtype: "utf8", values: [null, "é"] },
  ];
  const bytes = encodeSmall(columns);
  assertEquals(await decodeSmall(bytes, ["b"]), [columns[1]]);
  await assertRejects(() => decodeSmall(bytes, ["c"]));
});

Deno.test("encodeSmall() refuses halves as whole numbers, and noon as a date", () => {
  const column = (dtype: "i64" | "date", value: number): Column[] => [{
    name: "c",
    dtype,
    values: Float64Array.of(value),
  }];
  assertThrows(() => encodeSmall(column("i64", 0.5)), TypeError, "0.5 is not a whole number");
  assertThrows(() => encodeSmall(column("date", 43200)), TypeError, "43200 s is not midnight");
});

Deno.test("a small part of bars is no larger than what is decoded as one", () => {
  const rows = Math.floor(SMALL_CELLS / 6);
  const bytes = encodeSmall(Array.from({ length: 6 }, (_, j) => ({
    name: `column_${j}`,
    dtype: "f64",
    values: Float64Array.from({ length: rows }, (_, i) => Math.sqrt(i * 6 + j)),
  })));
  assertEquals(bytes.length < SMALL_BYTES, true, `${bytes.length}`);
});
