import { assertAlmostEquals, assertEquals, assertRejects } from "@std/assert";
import pl from "nodejs-polars";
import { UserError } from "../../../src/base/errors.ts";
import type { Column } from "../../../src/lakehouse/columns.ts";
import { decodeParquet, encodeParquet } from "../../../src/lakehouse/parquet/parquet_codec.ts";
import { readColumns, writeColumns } from "../../../src/lakehouse/parquet/parquet_file.ts";

const COLUMNS: readonly Column[] = [
  { name: "t", dtype: "timestamp", values: Float64Array.of(0.5, 1e9, -86400) },
  { name: "d", dtype: "date", values: Float64Array.of(0, 86400, -86400) },
  { name: "n", dtype: "i64", values: Float64Array.of(-1, 0, 2 ** 53 - 1) },
  { name: "x", dtype: "f64", values: Float64Array.of(0.1, NaN, -Infinity) },
  { name: "s", dtype: "utf8", values: ["é", null, ""] },
];

Deno.test("decodeParquet() gives back what encodeParquet() was given", async () => {
  assertEquals(await decodeParquet(await encodeParquet(COLUMNS), "x"), [...COLUMNS]);
});

Deno.test("decodeParquet() reads only the columns that are wanted", async () => {
  const columns = await decodeParquet(await encodeParquet(COLUMNS), "x", ["n", "s"]);
  assertEquals(columns, [COLUMNS[2], COLUMNS[4]]);
});

Deno.test("encodeParquet() gives the same bytes for the same columns", async () => {
  assertEquals(await encodeParquet(COLUMNS), await encodeParquet(COLUMNS));
});

Deno.test("encodeParquet() refuses halves as whole numbers, noon as a date and columns of two lengths", async () => {
  const column = (dtype: "i64" | "date", value: number): Column => ({
    name: "c",
    dtype,
    values: Float64Array.of(value),
  });
  await assertRejects(
    () => encodeParquet([column("i64", 0.5)]),
    TypeError,
    "0.5 is not a whole number",
  );
  await assertRejects(
    () => encodeParquet([column("i64", NaN)]),
    TypeError,
    "NaN is not a whole number",
  );
  await assertRejects(
    () => encodeParquet([column("date", 43200)]),
    TypeError,
    "43200 s is not midnight",
  );
  const two: Column = { name: "two", dtype: "f64", values: new Float64Array(2) };
  await assertRejects(
    () => encodeParquet([column("i64", 1), two]),
    TypeError,
    '"two": it has 2 rows',
  );
});

Deno.test("decodeParquet() refuses bytes that are cut short or changed", async () => {
  const bytes = await encodeParquet(COLUMNS);
  await assertRejects(
    () => decodeParquet(bytes.subarray(0, 100), "cut.parquet"),
    UserError,
    "cut.parquet",
  );
  await assertRejects(
    () => decodeParquet(new TextEncoder().encode("junk"), "junk.parquet"),
    UserError,
  );
});

Deno.test("writeColumns() makes the folder and leaves no temporary file", async () => {
  const folder = await Deno.makeTempDir();
  try {
    await writeColumns(`${folder}/returns/a.parquet`, COLUMNS);
    assertEquals(await readColumns(`${folder}/returns/a.parquet`), [...COLUMNS]);
    assertEquals([...Deno.readDirSync(`${folder}/returns`)].map(({ name }) => name), ["a.parquet"]);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("decodeParquet() reads times of every unit and zone as UTC seconds, and small numbers as doubles", async () => {
  const seconds = 1_580_472_000;
  const series = (["ms", "us", "ns"] as const).flatMap((unit, i) =>
    [undefined, "UTC", "America/New_York"].map((zone) =>
      pl.Series(`${unit} ${zone}`, [seconds * 1000 ** (i + 1)], pl.Float64).cast(pl.Int64)
        .cast(pl.Datetime(unit, zone))
    )
  );
  const single = pl.Series("f32", [0.5], pl.Float32);
  const bytes = pl.DataFrame([...series, single]).writeParquet();
  const columns = await decodeParquet(bytes, "x");
  for (const { name, values } of columns.slice(0, -1)) {
    // A double holds nanoseconds of our time to a quarter of a microsecond.
    assertAlmostEquals(Number(values[0]), seconds, 1e-6, name);
  }
  assertEquals(columns.at(-1), { name: "f32", dtype: "f64", values: Float64Array.of(0.5) });
});

Deno.test("decodeParquet() names a column whose type is of no use, and times that are missing", async () => {
  const flags = pl.DataFrame([pl.Series("up", [true, false], pl.Bool)]).writeParquet();
  await assertRejects(
    () => decodeParquet(flags, "x"),
    UserError,
    'column "up" of x: its type is Bool',
  );
  const days = pl.DataFrame([pl.Series("d", [1, null], pl.Float64).cast(pl.Int32).cast(pl.Date)])
    .writeParquet();
  await assertRejects(() => decodeParquet(days, "x"), UserError, "1 of 2 rows have no date");
  const counts = pl.DataFrame([pl.Series("n", [1, null], pl.Float64).cast(pl.Int32)])
    .writeParquet();
  assertEquals(await decodeParquet(counts, "x"), [
    { name: "n", dtype: "f64", values: Float64Array.of(1, NaN) },
  ]);
});
