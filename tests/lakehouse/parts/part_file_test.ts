import { assert, assertEquals, assertThrows } from "@std/assert";
import fc from "fast-check";
import type { Column } from "../../../src/lakehouse/columns.ts";
import { decodeParquet } from "../../../src/lakehouse/parquet/parquet_codec.ts";
import { decodePart, encodePart, FIRST_CHUNK_AT } from "../../../src/lakehouse/parts/part_file.ts";

const DAY_S = 86_400;

const times = fc.integer({ min: -(2 ** 31), max: 2 ** 31 });
const tables = fc.integer({ min: 1, max: 40 }).chain((rows) => {
  const of = <T>(value: fc.Arbitrary<T>) => fc.array(value, { minLength: rows, maxLength: rows });
  return fc.tuple(
    of(times.map((ms) => ms / 1000)),
    of(fc.integer({ min: -50_000, max: 50_000 }).map((days) => days * DAY_S)),
    of(fc.maxSafeInteger()),
    of(fc.option(fc.double(), { nil: NaN })),
    of(fc.option(fc.string({ unit: "grapheme" }), { nil: null })),
  ).map(([t, d, n, x, s]): Column[] => [
    { name: "t", dtype: "timestamp", values: Float64Array.from(t) },
    { name: "d", dtype: "date", values: Float64Array.from(d) },
    { name: "n", dtype: "i64", values: Float64Array.from(n, (one) => one === 0 ? 0 : one) },
    { name: "x", dtype: "f64", values: Float64Array.from(x) },
    { name: "s", dtype: "utf8", values: s },
  ]);
});

function decodeAll(bytes: Uint8Array, columns: readonly Column[]): Column[] {
  const names = new Set(columns.map(({ name }) => name));
  return decodePart(bytes, columns[0].values.length, columns, names);
}

Deno.test("decodePart() gives back what encodePart() was given, to the bit, and so does the reader of all files", async () => {
  await fc.assert(
    fc.asyncProperty(tables, async (columns) => {
      const { bytes } = encodePart(columns);
      assertEquals(decodeAll(bytes, columns), columns);
      assertEquals(await decodeParquet(bytes, "x"), columns);
      assertEquals(encodePart(columns).bytes, bytes);
    }),
    { numRuns: 50 },
  );
});

Deno.test("long columns of few values are compressed, others are not, and both are read by everybody", async () => {
  const rows = 20_000;
  const columns: Column[] = [
    { name: "few", dtype: "i64", values: Float64Array.from({ length: rows }, (_, i) => i % 3) },
    {
      name: "many",
      dtype: "f64",
      values: Float64Array.from({ length: rows }, (_, i) => Math.sin(i)),
    },
    {
      name: "words",
      dtype: "utf8",
      values: Array.from({ length: rows }, (_, i) => `word ${i % 7}`),
    },
    { name: "none", dtype: "f64", values: new Float64Array(rows).fill(NaN) },
  ];
  const { bytes, chunks } = encodePart(columns);
  const [few, many, words, none] = chunks.map(({ length }) => length);
  assert(few < rows && words < rows, `${few} and ${words} bytes`);
  assert(many > rows * 8 && none < 100, `${many} and ${none} bytes`);
  assertEquals(decodeAll(bytes, columns), columns);
  assertEquals(await decodeParquet(bytes, "x"), columns);
});

Deno.test("other readers are told the bounds of numbers, so that they can leave a file out", async () => {
  const { default: pl } = await import("nodejs-polars");
  const dir = await Deno.makeTempDir();
  try {
    for (let i = 0; i < 3; i++) {
      const columns: Column[] = [
        { name: "n", dtype: "i64", values: Float64Array.of(i * 10, i * 10 + 5) },
        { name: "x", dtype: "f64", values: Float64Array.of(-0, i) },
        { name: "t", dtype: "timestamp", values: Float64Array.of(i * 10, i * 10 + 0.5) },
      ];
      await Deno.writeFile(`${dir}/${i}.parquet`, encodePart(columns).bytes);
    }
    const scan = pl.scanParquet(`${dir}/*.parquet`);
    const found = await scan.filter(pl.col("n").gtEq(20).and(pl.col("x").gtEq(0))).collect();
    assertEquals(found.getColumn("n").toArray().map(Number), [20, 25]);
    const zeros = await scan.filter(pl.col("x").eq(0)).collect();
    assertEquals(zeros.height, 4);
  } finally {
    await Deno.remove(dir, { recursive: true });
  }
});

Deno.test("decodePart() gives the columns that are asked for", () => {
  const columns: Column[] = [
    { name: "a", dtype: "f64", values: Float64Array.of(NaN, 1) },
    { name: "2020", dtype: "utf8", values: [null, "é"] },
    { name: "b", dtype: "f64", values: Float64Array.of(2, 3) },
  ];
  const { bytes } = encodePart(columns);
  assertEquals(decodePart(bytes, 2, columns, new Set(["b", "2020"])), columns.slice(1));
});

Deno.test("decodePart() refuses bytes of another length, of other rows or of another type, whatever was changed", () => {
  const columns: Column[] = [
    { name: "a", dtype: "f64", values: Float64Array.of(NaN, 1, 2) },
    { name: "s", dtype: "utf8", values: ["x", null, "yz"] },
  ];
  const { bytes } = encodePart(columns);
  assertThrows(() => decodePart(bytes, 4, columns, new Set(["a"])), Error, "4 rows was expected");
  const others: readonly Column[] = [{ ...columns[0], dtype: "date" } as Column, columns[1]];
  assertThrows(() => decodePart(bytes, 3, others, new Set(["a"])), Error, "were expected");
  for (let length = 0; length < bytes.length - 200; length++) {
    assertThrows(() => decodeAll(bytes.subarray(0, length), columns), Error);
  }
  for (let at = FIRST_CHUNK_AT; at < FIRST_CHUNK_AT + 10; at++) {
    const changed = bytes.slice();
    changed[at] ^= 0xff;
    assertThrows(() => decodeAll(changed, columns), Error);
  }
});

Deno.test("encodePart() refuses halves and holes as whole numbers, and noon as a date", () => {
  const column = (dtype: "i64" | "date", value: number): Column[] => [{
    name: "c",
    dtype,
    values: Float64Array.of(value),
  }];
  assertThrows(() => encodePart(column("i64", 0.5)), TypeError, "0.5 is not a whole number");
  assertThrows(() => encodePart(column("i64", NaN)), TypeError, "NaN is not a whole number");
  assertThrows(() => encodePart(column("date", 43200)), TypeError, "43200 s is not midnight");
});
