import { assertEquals, assertRejects } from "@std/assert";
import { UserError } from "../../../src/base/errors.ts";
import type { Column } from "../../../src/lakehouse/columns.ts";
import { type Lakehouse, openLakehouse } from "../../../src/lakehouse/lakehouse.ts";
import { describePrices } from "../../../src/lakehouse/prices/price_source.ts";
import { findPriceTables, tablesSha256 } from "../../../src/lakehouse/prices/price_tables.ts";
import { PRICES_SCHEMA } from "../../../src/lakehouse/prices/prices_schema.ts";
import { readOhlcv } from "../../../src/lakehouse/prices/read_panel.ts";
import { priceTableName } from "../../../src/lakehouse/prices/symbol.ts";

const DAY_S = 86_400;

/** Bars from a day on, a row each: open, high, low, close, volume. */
function barColumns(fromDay: number, rows: readonly (readonly number[])[]): Column[] {
  return PRICES_SCHEMA.columns.map(({ name }, field): Column => ({
    name,
    dtype: name === "timestamp" ? "i64" : "f64",
    values: Float64Array.from(
      rows,
      (row, i) => field === 0 ? (fromDay + i) * DAY_S : row[field - 1],
    ),
  }));
}

async function withLake(
  test: (
    lake: Lakehouse,
    write: (symbol: string, columns: Column[]) => Promise<void>,
  ) => Promise<void>,
): Promise<void> {
  const dir = await Deno.makeTempDir();
  const lake = openLakehouse(`${dir}/lake`);
  try {
    await test(lake, async (symbol, columns) => {
      const name = priceTableName(symbol, "1d");
      const write = { schema: PRICES_SCHEMA, mode: "replace", sourceSha256: null } as const;
      await lake.writeTables([{ name, columns, ...write }]);
    });
  } finally {
    await Deno.remove(dir, { recursive: true });
  }
}

Deno.test("readOhlcv() aligns the bars of symbols over the union of their dates", () =>
  withLake(async (lake, write) => {
    await write("NYSE:A", barColumns(1, [[1, 3, 1, 2, 10], [2, 4, 2, 3, NaN]]));
    await write("B", barColumns(2, [[5, 6, 4, 5, 20]]));
    assertEquals(await readOhlcv(lake, ["NYSE:A", "B"]), {
      timestampsS: Float64Array.of(DAY_S, 2 * DAY_S),
      symbols: ["NYSE:A", "B"],
      open: Float64Array.of(1, NaN, 2, 5),
      high: Float64Array.of(3, NaN, 4, 6),
      low: Float64Array.of(1, NaN, 2, 4),
      close: Float64Array.of(2, NaN, 3, 5),
      volume: Float64Array.of(10, NaN, NaN, 20),
    });
    const last = await readOhlcv(lake, ["B", "NYSE:A"], { lastRows: 1 });
    assertEquals(last.close, Float64Array.of(5, 3));
  }));

Deno.test("describePrices() tells what the folder of a lakehouse holds, and how its tables hash", () =>
  withLake(async (lake, write) => {
    await write("NYSE:A", barColumns(1, [[1, 3, 1, 2, 10], [2, 4, 2, 3, 1]]));
    await write("B", barColumns(3, [[5, 6, 4, 5, 20]]));
    const source = await describePrices("unused", lake.dir, () => {});
    assertEquals(
      [source.type, source.symbols, source.rows, source.fromS, source.toS],
      ["tables", ["B", "NYSE:A"], 2, DAY_S, 3 * DAY_S],
    );
    const entries = await findPriceTables(lake, ["B", "NYSE:A"], { tablesSha256: source.sha256 });
    assertEquals(tablesSha256(entries), source.sha256);
    await assertRejects(
      () => describePrices("unused", lake.dir, () => {}, { interval: "1h" }),
      UserError,
      "it has no 1h tables",
    );
  }));

Deno.test("tables that were fetched anew since a run began are refused, not mixed", () =>
  withLake(async (lake, write) => {
    await write("A", barColumns(1, [[1, 3, 1, 2, 10]]));
    const { sha256 } = await describePrices("unused", lake.dir, () => {});
    await write("A", barColumns(1, [[1, 3, 1, 2.5, 10]]));
    await assertRejects(
      () => readOhlcv(lake, ["A"], { tablesSha256: sha256 }),
      UserError,
      "its tables have changed",
    );
  }));

Deno.test("a pinned version is read as it was when tables are written anew, and is refused in another lakehouse", () =>
  withLake(async (lake, write) => {
    await write("A", barColumns(1, [[1, 3, 1, 2, 10]]));
    const source = await describePrices("unused", lake.dir, () => {});
    const { pinned } = source as Extract<typeof source, { type: "tables" }>;
    await write("A", barColumns(1, [[1, 3, 1, 2.5, 10]]));
    const options = { tablesSha256: source.sha256, pinned };
    assertEquals((await readOhlcv(lake, ["A"], options)).close, Float64Array.of(2));
    const again = await describePrices("unused", lake.dir, () => {}, { interval: "1d", pinned });
    assertEquals(again, source);
    await assertRejects(
      () => readOhlcv(lake, ["A"], { pinned: { ...pinned!, commit: "other" } }),
      UserError,
      "the lakehouse was made anew since",
    );
  }));
