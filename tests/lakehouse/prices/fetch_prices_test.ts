import { assert, assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { UserError } from "../../../src/base/errors.ts";
import { sha256Hex } from "../../../src/base/hash.ts";
import { fetchPrices } from "../../../src/lakehouse/prices/fetch_prices.ts";
import { type Lakehouse, openLakehouse } from "../../../src/lakehouse/lakehouse.ts";
import { closesTable, PRICES_SCHEMA } from "../../../src/lakehouse/prices/prices_schema.ts";
import { readPanel } from "../../../src/lakehouse/prices/read_panel.ts";
import type { Prices } from "../../../src/lakehouse/price_files/read_prices.ts";

async function withLake(test: (lake: Lakehouse) => Promise<void>): Promise<void> {
  const dir = await Deno.makeTempDir();
  try {
    await test(openLakehouse(`${dir}/lake`));
  } finally {
    await Deno.remove(dir, { recursive: true });
  }
}

/** Prices of A and B on days 1 …: a row is [A, B]. */
function pricesOf(rows: [number, number][], mark = "first"): Prices {
  return {
    path: `${mark}.csv`,
    sha256: sha256Hex(mark),
    panel: {
      timestampsS: Float64Array.from(rows, (_, i) => (i + 1) * 86400),
      symbols: ["A", "B"],
      values: Float64Array.from(rows.flat()),
    },
  };
}

const FIRST = pricesOf([[1, NaN], [2, 20], [3, 30]]);
const statuses = (fetched: readonly { status: string }[]) => fetched.map(({ status }) => status);

/** Collects everything at once. */
const NOTHING_KEPT = { keepVersions: 1, keepMs: 0, graceMs: -60_000 };

async function tableFiles(lake: Lakehouse): Promise<string[]> {
  return (await Array.fromAsync(lake.store.list("tables/"))).map(({ key }) => key).sort();
}

Deno.test("fetchPrices() writes a table a symbol, and readPanel() gives back their union", () =>
  withLake(async (lake) => {
    assertEquals(await fetchPrices(lake, FIRST, ["A", "B"]), [
      { symbol: "A", table: "LOCAL_A_1d", status: "written", rows: 3 },
      { symbol: "B", table: "LOCAL_B_1d", status: "written", rows: 2 },
    ]);
    assertEquals(await readPanel(lake, ["A", "B"]), FIRST.panel);
    assertEquals(await readPanel(lake, ["B", "A"], { lastRows: 2 }), {
      timestampsS: Float64Array.of(2 * 86400, 3 * 86400),
      symbols: ["B", "A"],
      values: Float64Array.of(20, 2, 30, 3),
    });
    const entry = (await lake.list()).get("LOCAL_B_1d")!;
    assertEquals([entry.minTimestampS, entry.maxTimestampS], [2 * 86400, 3 * 86400]);
  }));

Deno.test("fetchPrices() leaves what a source has already brought alone", () =>
  withLake(async (lake) => {
    assertEquals(statuses(await fetchPrices(lake, FIRST, ["A"])), ["written"]);
    const catalog = Deno.statSync(`${lake.dir}/catalog.json`).ino;
    assertEquals(statuses(await fetchPrices(lake, FIRST, ["A"])), ["fresh"]);
    assertEquals(Deno.statSync(`${lake.dir}/catalog.json`).ino, catalog);
    assertEquals(statuses(await fetchPrices(lake, FIRST, ["A", "B"])), ["fresh", "written"]);
  }));

Deno.test("fetchPrices() never mixes rows of an earlier file into those of a later one", () =>
  withLake(async (lake) => {
    await fetchPrices(lake, FIRST, ["A", "B"]);
    const shorter = pricesOf([[9, 90]], "second");
    await fetchPrices(lake, shorter, ["A", "B"]);
    assertEquals(await readPanel(lake, ["A", "B"]), shorter.panel);
    assertEquals((await tableFiles(lake)).length, 4, "earlier versions can still be read");
    await lake.collect(NOTHING_KEPT);
    assertEquals((await tableFiles(lake)).length, 2, "files of earlier contents are removed");
    assertEquals(await readPanel(lake, ["A", "B"]), shorter.panel);
  }));

Deno.test("fetchPrices() in mode merge keeps older rows, and the newest value wins", () =>
  withLake(async (lake) => {
    await fetchPrices(lake, FIRST, ["A"]);
    const recent = pricesOf([[7, 70]], "second");
    const [fetched] = await fetchPrices(lake, recent, ["A"], { mode: "merge" });
    assertEquals(fetched, { symbol: "A", table: "LOCAL_A_1d", status: "written", rows: 3 });
    assertEquals((await readPanel(lake, ["A"])).values, Float64Array.of(7, 2, 3));
  }));

Deno.test("fetchPrices() refuses symbols that the file lacks", () =>
  withLake(async (lake) => {
    const error = await assertRejects(() => fetchPrices(lake, FIRST, ["C"]), UserError);
    assertStringIncludes(error.message, "Cannot fetch C from first.csv: no such column");
  }));

Deno.test("fetchPrices() keeps a symbol without any price, so that the audit can find it missing", () =>
  withLake(async (lake) => {
    const hollow = pricesOf([[1, NaN], [2, NaN]]);
    assertEquals((await fetchPrices(lake, hollow, ["A", "B"])).map(({ rows }) => rows), [2, 0]);
    assertEquals(await readPanel(lake, ["A", "B"]), hollow.panel);
    assertEquals(await readPanel(lake, ["B"]), {
      timestampsS: new Float64Array(),
      symbols: ["B"],
      values: new Float64Array(),
    });
    assertEquals((await lake.list()).get("LOCAL_B_1d")?.minTimestampS, null);
  }));

Deno.test("readPanel() refuses tables that another source overwrote", () =>
  withLake(async (lake) => {
    await fetchPrices(lake, FIRST, ["A"]);
    await readPanel(lake, ["A"], { sourceSha256: FIRST.sha256 });
    await fetchPrices(lake, pricesOf([[9, 90]], "second"), ["A"]);
    const read = () => readPanel(lake, ["A"], { sourceSha256: FIRST.sha256 });
    await assertRejects(read, UserError, "another source");
    await assertRejects(() => readPanel(lake, ["Z"]), UserError, "it has no table");
  }));

Deno.test("readPanel() takes the union of dates of symbols that share only some", () =>
  withLake(async (lake) => {
    await fetchPrices(lake, pricesOf([[1, NaN], [NaN, 2], [3, 4]]), ["A", "B"]);
    const panel = await readPanel(lake, ["A", "B"]);
    assertEquals(panel.timestampsS, Float64Array.of(86400, 2 * 86400, 3 * 86400));
    assertEquals(panel.values, Float64Array.of(1, NaN, NaN, 2, 3, 4));
  }));

Deno.test("a fetch killed before its commit leaves the old tables readable, and the next one mends the rest", () =>
  withLake(async (lake) => {
    await fetchPrices(lake, FIRST, ["A", "B"]);
    // What a killed writer leaves: a whole new file and half a temporary one, neither in any version.
    await Deno.writeTextFile(`${lake.dir}/tables/LOCAL_A_1d/0123456789abcdef-1.parquet`, "new");
    await Deno.writeTextFile(`${lake.dir}/tables/LOCAL_A_1d/.tmp_1.parquet`, "half");
    assertEquals(await readPanel(lake, ["A", "B"]), FIRST.panel);
    await fetchPrices(lake, pricesOf([[5, 6]], "second"), ["A", "B"]);
    await lake.collect(NOTHING_KEPT);
    assertEquals((await tableFiles(lake)).length, 2);
  }));

Deno.test("lakehouse writers in parallel lose nothing of each other", () =>
  withLake(async (lake) => {
    const names = Array.from({ length: 8 }, (_, i) => `T${i}`);
    await Promise.all(names.map((name) =>
      lake.writeTables([{
        name,
        schema: PRICES_SCHEMA,
        columns: closesTable(Float64Array.of(1), Float64Array.of(2)),
        mode: "replace",
        sourceSha256: null,
      }])
    ));
    assertEquals([...(await lake.list()).keys()], names);
  }));

Deno.test("lakehouse reads refuse a damaged file, a lost file, and a damaged catalog", () =>
  withLake(async (lake) => {
    await fetchPrices(lake, FIRST, ["A"]);
    const path = `${lake.dir}/${(await tableFiles(lake))[0]}`;
    const bytes = await Deno.readFile(path);
    bytes[bytes.length >> 1] ^= 1;
    await Deno.writeFile(path, bytes);
    await assertRejects(() => readPanel(lake, ["A"]), UserError, "expected content with SHA-256");
    await Deno.remove(path);
    await assertRejects(() => readPanel(lake, ["A"]), UserError, "the file is gone");
    await Deno.writeTextFile(`${lake.dir}/catalog.json`, '{"version":1,"tables":[{"name":1}]}');
    const error = await assertRejects(() => lake.list(), UserError, "catalog.json");
    assertStringIncludes(error.hint ?? "", "Delete the lakehouse folder");
  }));

Deno.test("lakehouse writes refuse names with a path, and columns that break their schema", () =>
  withLake(async (lake) => {
    const write = (name: string, closes: number[]) =>
      lake.writeTables([{
        name,
        schema: PRICES_SCHEMA,
        columns: closesTable(Float64Array.of(2, 1), Float64Array.from(closes)),
        mode: "replace",
        sourceSha256: null,
      }]);
    await assertRejects(() => write("../x", [1, 1]), UserError, '"../x"');
    await assertRejects(() => write("a/b", [1, 1]), UserError, '"a/b"');
    await assertRejects(() => write("T", [1, 1]), UserError, "found 1 after 2 in row 2");
    await assertRejects(
      () => write("T", [1, NaN]),
      UserError,
      'column "close"; found none in row 2',
    );
    assert((await lake.list()).size === 0, "nothing was committed");
  }));
