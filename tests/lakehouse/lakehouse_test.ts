import { assertEquals, assertRejects } from "@std/assert";
import { UserError } from "../../src/base/errors.ts";
import { type Column, numbersOf } from "../../src/lakehouse/columns.ts";
import { type Lakehouse, lakehouseOver, openLakehouse } from "../../src/lakehouse/lakehouse.ts";
import { closesTable, PRICES_SCHEMA } from "../../src/lakehouse/prices/prices_schema.ts";
import { S3Store } from "../../src/lakehouse/store/s3_store.ts";
import type { TableSchema } from "../../src/lakehouse/table_schema.ts";
import { testWithS3, withClient } from "./s3/servers.ts";

const DAY_S = 86_400;

async function withFolder(use: (dir: string) => Promise<void>): Promise<void> {
  const dir = await Deno.makeTempDir();
  try {
    await use(`${dir}/lake`);
  } finally {
    await Deno.remove(dir, { recursive: true });
  }
}

/** Closes of days `from` to before `to`; each is the day's number. */
function days(from: number, to: number): Column[] {
  const numbers = Float64Array.from({ length: to - from }, (_, i) => from + i);
  return closesTable(numbers.map((day) => day * DAY_S), numbers);
}

function write(lake: Lakehouse, columns: Column[], mode: "merge" | "replace", note = "") {
  const table = { name: "T", schema: PRICES_SCHEMA, columns, mode, sourceSha256: null };
  return lake.writeTables([table], note);
}

async function closes(lake: Lakehouse, query?: { version: number }): Promise<number[]> {
  const { tables } = await lake.snapshot(query);
  const columns = await lake.readTable(tables.get("T")!, PRICES_SCHEMA, { columns: ["close"] });
  return [...numbersOf(columns, "close")];
}

/** What a lakehouse does wherever it is. */
async function checkLake(lake: Lakehouse): Promise<void> {
  assertEquals(await lake.history(), []);
  assertEquals((await lake.list()).size, 0);
  await write(lake, days(0, 3), "replace", "first");
  await write(lake, days(2, 5), "merge", "second");
  await write(lake, days(2, 5), "merge", "again");
  assertEquals((await lake.history()).map(({ version, note }) => [version, note]), [
    [1, "first"],
    [2, "second"],
  ], "what changes nothing makes no version");
  assertEquals(await closes(lake), [0, 1, 2, 3, 4]);
  assertEquals(await closes(lake, { version: 1 }), [0, 1, 2]);
  const entry = (await lake.list()).get("T")!;
  assertEquals([entry.rows, entry.minTimestampS, entry.maxTimestampS], [5, 0, 4 * DAY_S]);
  const part = await lake.readTable(entry, PRICES_SCHEMA, {
    columns: ["close"],
    from: DAY_S,
    to: 2 * DAY_S,
  });
  assertEquals(part, [{ name: "close", dtype: "f64", values: Float64Array.of(1, 2) }]);
  const collected = await lake.collect({ keepVersions: 1, keepMs: 0, graceMs: -600_000 });
  assertEquals(collected.dropped, [1]);
  assertEquals(await closes(lake), [0, 1, 2, 3, 4]);
  await assertRejects(() => lake.snapshot({ version: 1 }), UserError, "Cannot find version 1");
}

Deno.test("a lakehouse in a folder keeps versions, ranges and columns", () =>
  withFolder((dir) => checkLake(openLakehouse(dir))));

testWithS3(
  "a lakehouse in S3 keeps versions, ranges and columns, and loses no commit of two writers",
  async (server) => {
    await withClient(server, async (client) => {
      const lakeAt = (prefix: string) =>
        lakehouseOver(new S3Store(client, { bucket: server.bucket, prefix }));
      await checkLake(lakeAt("one/"));
      const writers = Array.from({ length: 5 }, () => lakeAt("two/"));
      await Promise.all(writers.map((lake, i) => write(lake, days(i, i + 1), "merge")));
      assertEquals(await closes(lakeAt("two/")), [0, 1, 2, 3, 4]);
      assertEquals((await lakeAt("two/").history()).length, 5);
    });
  },
);

Deno.test("a merge of a day writes one small file, whatever the table holds", () =>
  withFolder(async (dir) => {
    const lake = openLakehouse(dir);
    const [before] = await write(lake, days(0, 7560), "replace");
    const [after] = await write(lake, days(7560, 7561), "merge");
    assertEquals(after.parts.map(({ rows }) => rows), [7560, 1]);
    assertEquals(after.parts[0], before.parts[0]);
    const [next] = await write(lake, days(7561, 7562), "merge");
    assertEquals(next.parts.map(({ rows }) => rows), [7560, 2]);
    assertEquals((await closes(lake)).length, 7562);
  }));

const SECOND: TableSchema = {
  ...PRICES_SCHEMA,
  version: 2,
  columns: [...PRICES_SCHEMA.columns, { name: "half", dtype: "f64", nullable: true, unit: "USD" }],
  migrations: [{
    fromVersion: 1,
    migrate: (columns) => [...columns, {
      name: "half",
      dtype: "f64",
      values: numbersOf(columns, "close").map((close) => close / 2),
    }],
  }],
};

Deno.test("a table of an earlier schema is migrated when it is read, and written anew when it is merged into", () =>
  withFolder(async (dir) => {
    const lake = openLakehouse(dir);
    const [entry] = await write(lake, days(0, 3), "replace");
    const read = await lake.readTable(entry, SECOND, { columns: ["half"], from: DAY_S });
    assertEquals(numbersOf(read, "half"), Float64Array.of(0.5, 1));
    const row = SECOND.migrations![0].migrate(days(3, 4));
    const [merged] = await lake.writeTables([
      { name: "T", schema: SECOND, columns: row, mode: "merge", sourceSha256: null },
    ]);
    assertEquals(merged.schema, "prices@2");
    const columns = await lake.readTable(merged, SECOND);
    assertEquals(numbersOf(columns, "half"), Float64Array.of(0, 0.5, 1, 1.5));
    await assertRejects(() => lake.readTable(merged, PRICES_SCHEMA), UserError, "found prices@2");
    const unmigrated = { ...SECOND, migrations: [] };
    await assertRejects(
      () => lake.readTable(entry, unmigrated),
      UserError,
      "no migration from version 1",
    );
  }));

Deno.test("a merge into a table that has no single key is refused before anything is written", () =>
  withFolder(async (dir) => {
    const lake = openLakehouse(dir);
    const schema = { ...PRICES_SCHEMA, uniqueKeys: [] };
    const merge = () =>
      lake.writeTables([
        { name: "T", schema, columns: days(0, 1), mode: "merge", sourceSha256: null },
      ]);
    await assertRejects(
      merge,
      UserError,
      "Cannot merge into table T: prices@1 is not sorted by one",
    );
    assertEquals(await lake.history(), []);
  }));
