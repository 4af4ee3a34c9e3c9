import { assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { UserError } from "../../../src/base/errors.ts";
import { sha256Hex } from "../../../src/base/hash.ts";
import type { Column } from "../../../src/lakehouse/columns.ts";
import { encodeParquet } from "../../../src/lakehouse/parquet/parquet_codec.ts";
import { readPrices } from "../../../src/lakehouse/price_files/read_prices.ts";

const dayS = (day: number) => Date.UTC(2020, 0, day) / 1000;

async function read(content: string | Uint8Array, name = "prices.csv") {
  const folder = await Deno.makeTempDir();
  try {
    const path = `${folder}/${name}`;
    const bytes = typeof content === "string" ? new TextEncoder().encode(content) : content;
    await Deno.writeFile(path, bytes);
    return await readPrices(path);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

/** The message of the refusal, with its hint. */
async function refusal(content: string | Uint8Array, name?: string): Promise<string> {
  const error = await assertRejects(() => read(content, name), UserError);
  return `${error.message} ${error.hint ?? ""}`;
}

async function assertRefused(content: string | Uint8Array, ...parts: string[]): Promise<void> {
  const message = await refusal(content);
  for (const part of parts) assertStringIncludes(message, part);
}

const times = (values: number[]): Column => ({
  name: "date",
  dtype: "timestamp",
  values: Float64Array.from(values),
});
const closes = (name: string, values: number[]): Column => ({
  name,
  dtype: "f64",
  values: Float64Array.from(values),
});

Deno.test("readPrices() reads a CSV with holes, and hashes the file", async () => {
  const text = "date,A,B\n2020-01-01,1.5,\n2020-01-02,1.25,1e2\n";
  const { panel, sha256, path } = await read(text);
  assertEquals(panel, {
    timestampsS: Float64Array.of(dayS(1), dayS(2)),
    symbols: ["A", "B"],
    values: Float64Array.of(1.5, NaN, 1.25, 100),
  });
  assertEquals(sha256, sha256Hex(text));
  assertStringIncludes(path, "prices.csv");
});

Deno.test("readPrices() reads the same panel from every dialect of CSV", async () => {
  const { panel } = await read("date,A,B\n2020-01-01,1.5,2\n2020-01-02,,3\n");
  const dialects = [
    "\uFEFFdate,A,B\n2020-01-01,1.5,2\n2020-01-02,,3\n",
    "date,A,B\r\n2020-01-01,1.5,2\r\n2020-01-02,,3\r\n\r\n\n",
    "Date;A;B\n2020-01-01;1.5;2\n2020-01-02;;3",
    "time\tA\tB\n2020-01-01\t1.5\t2\n2020-01-02\tNaN\t3\n",
    '"date","A","B"\n"2020-01-01","1.5","2"\n"2020-01-02","","3"\n',
    "date, A, B\n2020-01-01, 1.5 , 2\n2020-01-02, , 3\n",
    `t,A,B\n${dayS(1)},1.5,2\n${dayS(2)},,3\n`,
    `t,A,B\n${dayS(1)}000,1.5,2\n${dayS(2)}000,,3\n`,
    "t,A,B\n2020-01-01T02:00+02:00,1.5,2\n2020-01-01T19:00:00-05:00,,3\n",
  ];
  for (const text of dialects) assertEquals((await read(text)).panel, panel, text);
});

Deno.test("readPrices() reads the same panel from every kind of date in Parquet", async () => {
  const prices = [closes("A", [1.5, NaN]), closes("B", [2, 3])];
  const dates: Column[] = [
    times([dayS(1), dayS(2)]),
    { ...times([dayS(1), dayS(2)]), dtype: "date" } as Column,
    { name: "date", dtype: "i64", values: Float64Array.of(dayS(1), dayS(2)) },
    { name: "date", dtype: "i64", values: Float64Array.of(dayS(1) * 1e3, dayS(2) * 1e3) },
    { name: "date", dtype: "utf8", values: ["2020-01-01", "2020-01-02T00:00:00Z"] },
  ];
  for (const date of dates) {
    const { panel } = await read(await encodeParquet([date, ...prices]), "p.parquet");
    assertEquals(panel.timestampsS, Float64Array.of(dayS(1), dayS(2)), date.dtype);
    assertEquals(panel.values, Float64Array.of(1.5, 2, NaN, 3));
  }
});

Deno.test("readPrices() finds the index that pandas stores as the last column", async () => {
  const { panel } = await read(
    await encodeParquet([closes("A", [1, 2]), times([dayS(1), dayS(2)])]),
    "p.parquet",
  );
  assertEquals(panel.symbols, ["A"]);
});

Deno.test("readPrices() takes whole numbers as prices in Parquet", async () => {
  const whole: Column = { name: "A", dtype: "i64", values: Float64Array.of(7, 8) };
  const { panel } = await read(await encodeParquet([times([dayS(1), dayS(2)]), whole]), "p.pq");
  assertEquals(panel.values, Float64Array.of(7, 8));
});

Deno.test("readPrices() refuses what is missing, a folder, or no table", async () => {
  await assertRejects(() => readPrices("/nonexistent/x.csv"), UserError, "no such file");
  await assertRejects(() => readPrices("/tmp"), UserError, "it is a folder");
  await assertRefused("", "the file is empty");
  await assertRefused("date,A\n", "a header, but no rows");
  await assertRefused("\n\n", "no text");
  await assertRefused(Uint8Array.of(0x1f, 0x8b, 8, 0), "gzip");
  await assertRefused(Uint8Array.of(200, 201, 202, 10, 255, 254), "no UTF-8 text");
  const parquet = await encodeParquet([times([dayS(1)]), closes("A", [1])]);
  await assertRefused(
    parquet.subarray(0, parquet.length - 20),
    "as Parquet",
    "damaged or cut short",
  );
  const noRows = await encodeParquet([times([]), closes("A", [])]);
  assertStringIncludes(await refusal(noRows, "p.parquet"), "no rows");
  assertStringIncludes(await refusal("date,A\n2020-01-01,1\n", "p.parquet"), "not Parquet");
});

Deno.test("readPrices() refuses a table without dates or without symbols", async () => {
  await assertRefused(
    "A,B\n1.5,2\n",
    "first column is no column of dates",
    'line 2, column "A" has "1.5"',
  );
  await assertRefused("A,date\n1.5,2020-01-01\n", 'Put the column "date" first');
  await assertRefused("2020-01-01,1\n2020-01-02,1\n", "line 1 begins with the date 2020-01-01");
  await assertRefused("date\n2020-01-01\n", 'the header "date" has no column after the date');
  const noDate = await encodeParquet([closes("A", [1.5]), closes("B", [2])]);
  assertStringIncludes(await refusal(noDate, "p.parquet"), 'row 1, column "A" has 1.5');
  const noSymbol = await encodeParquet([times([dayS(1)])]);
  assertStringIncludes(await refusal(noSymbol, "p.parquet"), 'no column beside the date "date"');
});

Deno.test("readPrices() names row and both dates where they are unsorted or repeated", async () => {
  const rows = ["date,A", "2020-01-01,1", "2020-01-03,1"];
  await assertRefused(
    [...rows, "2020-01-02,1"].join("\n"),
    "row 4 has the date 2020-01-02, which is before 2020-01-03 in row 3",
  );
  await assertRefused(
    [...rows, "2020-01-03T00:00Z,1"].join("\n"),
    "row 4 repeats the date of row 3, 2020-01-03",
  );
  await assertRefused([...rows, "soon,1"].join("\n"), 'line 4, column "date" has "soon"');
  await assertRefused([...rows, "", "2020-01-05,1"].join("\n"), "line 4", "no date");
});

Deno.test("readPrices() names row, column and value of a price that cannot be", async () => {
  const csv = (cell: string) => `date,A,B\n2020-01-01,1,1\n2020-01-02,1,${cell}\n`;
  await assertRefused(csv("n/a"), 'line 3, column "B" has the text "n/a"');
  await assertRefused(csv('"1,5"'), 'has the text "1,5"', "decimals with a point");
  await assertRefused(csv("-2"), 'row 3, column "B" has the price -2');
  await assertRefused(csv("0"), 'row 3, column "B" has the price 0');
  await assertRefused(csv("inf"), 'row 3, column "B" has the price Infinity');
  const text: Column = { name: "B", dtype: "utf8", values: [null, "n/a"] };
  const parquet = await encodeParquet([times([dayS(1), dayS(2)]), text]);
  assertStringIncludes(
    await refusal(parquet, "p.parquet"),
    'column "B" is of type utf8, row 2 has "n/a"',
  );
  const infinite = await encodeParquet([times([dayS(1), dayS(2)]), closes("B", [1, Infinity])]);
  assertStringIncludes(
    await refusal(infinite, "p.parquet"),
    'row 2, column "B" has the price Infinity',
  );
});

Deno.test("readPrices() refuses ragged rows and broken quotes with their line", async () => {
  await assertRefused("date,A,B\n2020-01-01,1\n", "line 2 has 2 cells, the header has 3");
  await assertRefused("date,A\n2020-01-01,1,2,3\n", "line 2 has 4 cells, the header has 2");
  await assertRefused('date,A\n2020-01-01,"1\n', "line 2 has an open quote");
  await assertRefused('date,A\n2020-01-01,"1"2\n', "line 2 has text after a closing quote");
});

Deno.test("readPrices() refuses symbols that are empty, repeated or hostile", async () => {
  const csv = (header: string) => `${header}\n2020-01-01,1,1\n`;
  await assertRefused(csv("date,A,"), "column 3: it is empty");
  await assertRefused(csv("date,A,A"), 'columns 2 and 3 are both named "A"');
  await assertRefused(csv("date,A,../x"), '"../x"');
  await assertRefused(csv("date,A,a/b"), '"a/b"');
  await assertRefused(csv("date,A,b\0c"), '"b\\u0000c"');
});
