import { assert, assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { UserError } from "../../../src/base/errors.ts";
import type { Column } from "../../../src/lakehouse/columns.ts";
import { lakehouseOver } from "../../../src/lakehouse/lakehouse.ts";
import { planRanges } from "../../../src/lakehouse/parts/read_ranges.ts";
import { CachedStore } from "../../../src/lakehouse/store/cached_store.ts";
import { DiskCache } from "../../../src/lakehouse/store/disk_cache.ts";
import { S3Store } from "../../../src/lakehouse/store/s3_store.ts";
import type { TableSchema } from "../../../src/lakehouse/table_schema.ts";
import { withClient } from "../s3/servers.ts";
import { S3StandIn } from "../s3/stand_in.ts";

const ROWS = 5000, SYMBOLS = 60;

/** One column of every type, with holes where they may be, and many of numbers. */
function wideColumns(): Column[] {
  const seconds = Float64Array.from({ length: ROWS }, (_, i) => i * 86_400);
  const symbols = Array.from({ length: SYMBOLS }, (_, j): Column => ({
    name: `S${j}`,
    dtype: "f64",
    values: Float64Array.from(
      { length: ROWS },
      (_, i) => (i + j) % 11 === 0 ? NaN : Math.sin(i * j + 1),
    ),
  }));
  return [
    { name: "timestamp", dtype: "i64", values: seconds },
    { name: "time", dtype: "timestamp", values: seconds.map((second) => second + 0.5) },
    { name: "day", dtype: "date", values: seconds },
    {
      name: "text",
      dtype: "utf8",
      values: Array.from({ length: ROWS }, (_, i) => i % 5 === 0 ? null : `é${i % 17}`),
    },
    ...symbols,
  ];
}

const SCHEMA: TableSchema = {
  name: "wide",
  version: 1,
  columns: wideColumns().map(({ name, dtype }) => ({
    name,
    dtype,
    nullable: dtype === "f64" || dtype === "utf8",
    unit: "",
  })),
  sortedBy: ["timestamp"],
  uniqueKeys: ["timestamp"],
};

async function withWideTable(
  use: (store: S3Store, server: S3StandIn) => Promise<void>,
): Promise<void> {
  await using server = new S3StandIn();
  const place = { name: "", endpoint: server.endpoint, bucket: server.bucket, env: {} };
  await withClient(place, async (client) => {
    const store = new S3Store(client, { bucket: server.bucket, prefix: "" });
    await lakehouseOver(store).writeTables([
      { name: "W", schema: SCHEMA, columns: wideColumns(), mode: "replace", sourceSha256: null },
    ]);
    await use(store, server);
  });
}

Deno.test("columns of every type read by ranges are those that were written, to the bit", () =>
  withWideTable(async (store) => {
    const lake = lakehouseOver(store);
    const entry = (await lake.list()).get("W")!;
    const wanted = ["timestamp", "time", "day", "text", "S3", "S7", "S59"];
    const columns = await lake.readTable(entry, SCHEMA, { columns: wanted });
    assertEquals(columns, wideColumns().filter(({ name }) => wanted.includes(name)));
  }));

Deno.test("a read of two columns takes the bytes of their chunks and no others", () =>
  withWideTable(async (store, server) => {
    const lake = lakehouseOver(store);
    const entry = (await lake.list()).get("W")!;
    server.bytesSent = 0;
    await lake.readTable(entry, SCHEMA, { columns: ["S3", "S40"] });
    const at = ["S3", "S40"].map((name) => SCHEMA.columns.findIndex((one) => one.name === name));
    const chunks = entry.parts.flatMap(({ chunks }) => at.map((j) => chunks[j][0]));
    assertEquals(server.bytesSent, chunks.reduce((sum, sizeBytes) => sum + sizeBytes, 0));
    assert(server.bytesSent < 1.01 * 2 * ROWS * 8, `${server.bytesSent} bytes`);
  }));

Deno.test("a read of some dates touches only the parts that have them", () =>
  withWideTable(async (store, server) => {
    const lake = lakehouseOver(store);
    const entry = (await lake.list()).get("W")!;
    assertEquals(entry.parts.length, 1);
    const [merged] = await lake.writeTables([{
      name: "W",
      schema: SCHEMA,
      columns: wideColumns().map((column): Column =>
        column.dtype === "utf8" ? { ...column, values: column.values.slice(0, 1) } : {
          ...column,
          values: column.dtype === "f64"
            ? column.values.slice(0, 1)
            : Float64Array.of(ROWS * 86_400),
        }
      ),
      mode: "merge",
      sourceSha256: null,
    }]);
    assertEquals(merged.parts.length, 2);
    server.bytesSent = 0;
    const columns = await lake.readTable(merged, SCHEMA, { from: ROWS * 86_400 });
    assertEquals(columns[0].values.length, 1);
    assertEquals(server.bytesSent, merged.parts[1].sizeBytes);
  }));

Deno.test("a byte that was changed on its way in a range is asked for again, and the cache keeps only the right one", () =>
  withWideTable(async (remote, server) => {
    const dir = await Deno.makeTempDir();
    try {
      const store = new CachedStore(remote, new DiskCache(dir, 2 ** 30));
      const lake = lakehouseOver(store);
      const entry = (await lake.list()).get("W")!;
      const expected = wideColumns().filter(({ name }) => ["S3", "S4", "S40"].includes(name));
      const read = () => lake.readTable(entry, SCHEMA, { columns: ["S3", "S4", "S40"] });
      let damaged = 0;
      server.fault = ({ range }) =>
        range !== null && damaged++ < 2 ? { type: "damage" } : undefined;
      assertEquals(await read(), expected);
      assert(damaged > 2);
      server.fault = () => ({ type: "status", status: 403, code: "AccessDenied" });
      assertEquals(await read(), expected);
    } finally {
      await Deno.remove(dir, { recursive: true });
    }
  }));

Deno.test("ranges of a file that is damaged or gone are refused with its name and column", () =>
  withWideTable(async (store, server) => {
    const lake = lakehouseOver(store);
    const entry = (await lake.list()).get("W")!;
    const [part] = entry.parts;
    const read = () => lake.readTable(entry, SCHEMA, { columns: ["S3"] });
    const stored = server.objects.get(part.file)!;
    const [start] = planRanges(part, SCHEMA.columns.map(({ name }) => name === "S3"))!;
    for (const at of [start.start, (start.start + start.end) >> 1, start.end - 1]) {
      const bytes = stored.bytes.slice();
      bytes[at] ^= 1;
      server.objects.set(part.file, { ...stored, bytes });
      const error = await assertRejects(read, Error);
      assertStringIncludes(error.message, `Cannot read table W (${store.url}/${part.file})`);
      assertStringIncludes(error.message, 'expected column "S3" with a SHA-256');
    }
    server.objects.delete(part.file);
    await assertRejects(read, UserError, "the file is gone");
  }));

Deno.test("planRanges() joins columns that follow each other, and gives up when most of a part is wanted", () => {
  const chunks = [10, 20, 30, 40].map((sizeBytes) => [sizeBytes, ""] as const);
  const part = { chunks, sizeBytes: 120 };
  assertEquals(planRanges(part, [true, true, false, false]), [
    { start: 4, end: 34, from: 0, to: 2 },
  ]);
  assertEquals(planRanges(part, [true, false, true, false]), [
    { start: 4, end: 14, from: 0, to: 1 },
    { start: 34, end: 64, from: 2, to: 3 },
  ]);
  assertEquals(planRanges(part, [false, false, true, true]), undefined);
  assertEquals(planRanges({ chunks: [], sizeBytes: 120 }, [true, false, false, false]), undefined);
});
