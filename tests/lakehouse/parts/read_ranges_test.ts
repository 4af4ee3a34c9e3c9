import { assert, assertEquals, assertRejects } from "@std/assert";
import { UserError } from "../../../src/base/errors.ts";
import type { Column } from "../../../src/lakehouse/columns.ts";
import { lakehouseOver } from "../../../src/lakehouse/lakehouse.ts";
import { readRanges } from "../../../src/lakehouse/parts/read_ranges.ts";
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

Deno.test("a read of two columns takes at most 1.2 times the bytes that they and the footers have", () =>
  withWideTable(async (store, server) => {
    const lake = lakehouseOver(store);
    const entry = (await lake.list()).get("W")!;
    const footers = entry.parts.reduce((sum, { footerBytes }) => sum + footerBytes, 0);
    server.bytesSent = 0;
    await lake.readTable(entry, SCHEMA, { columns: ["S3", "S40"] });
    const plain = 2 * ROWS * 8;
    assert(
      server.bytesSent <= 1.2 * (footers + plain),
      `${server.bytesSent} for ${footers} + ${plain}`,
    );
    assert(server.bytesSent > footers);
    server.bytesSent = 0;
    await lake.readTable(entry, SCHEMA, { columns: ["S3", "S40"] });
    assert(server.bytesSent <= plain * 1.2, "the footers are known by now");
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

Deno.test("ranges of a file that is damaged, gone or lacks a column are refused with its name", () =>
  withWideTable(async (store, server) => {
    const entry = (await lakehouseOver(store).list()).get("W")!;
    const [part] = entry.parts;
    const read = (names: string[]) => readRanges(store, "W", part, names);
    await assertRejects(() => read(["NONE"]), UserError, 'it has no column "NONE"');
    const stored = server.objects.get(part.file)!;
    const broken = stored.bytes.slice();
    broken.fill(0x55, 0, broken.length - part.footerBytes);
    server.objects.set(part.file, { ...stored, bytes: broken });
    await assertRejects(
      () => read(["S3"]),
      UserError,
      `Cannot read table W (${store.url}/${part.file})`,
    );
    server.objects.delete(part.file);
    await assertRejects(() => read(["S3"]), UserError, "the file is gone");
    // Another process has no footer yet, and finds this one damaged.
    broken.fill(0x55, broken.length - 100);
    server.objects.set("elsewhere/file", { ...stored, bytes: broken });
    const elsewhere = { ...part, file: "elsewhere/file" };
    await assertRejects(
      () => readRanges(store, "W", elsewhere, ["S3"]),
      UserError,
      "Cannot read table W",
    );
  }));
