import { assertEquals } from "@std/assert";
import type { Column } from "../../../src/lakehouse/columns.ts";
import { openLakehouse } from "../../../src/lakehouse/lakehouse.ts";
import { PRICES_SCHEMA } from "../../../src/lakehouse/prices/prices_schema.ts";
import { readOhlcv, readPanel } from "../../../src/lakehouse/prices/read_panel.ts";
import { priceTableName } from "../../../src/lakehouse/prices/symbol.ts";

function bars(times: number[], fields: Record<string, number[]>): Column[] {
  return PRICES_SCHEMA.columns.map(({ name }): Column =>
    name === "timestamp"
      ? { name, dtype: "i64", values: Float64Array.from(times) }
      : { name, dtype: "f64", values: Float64Array.from(fields[name] ?? times.map(() => NaN)) }
  );
}

Deno.test("readOhlcv() lines up the bars of symbols by time, and what is not told is NaN", async () => {
  const dir = await Deno.makeTempDir();
  try {
    const lake = openLakehouse(dir);
    const write = (symbol: string, columns: Column[]) => ({
      name: priceTableName(symbol, "1d"),
      schema: PRICES_SCHEMA,
      columns,
      mode: "replace" as const,
      sourceSha256: null,
    });
    await lake.writeTables([
      write("A", bars([1, 2], { open: [1, 2], high: [4, 5], low: [0.5, 1], close: [3, 4] })),
      write("B", bars([2, 3], { close: [7, 8], volume: [70, 80] })),
    ]);
    const read = await readOhlcv(lake, ["B", "A"]);
    assertEquals(read, {
      timestampsS: Float64Array.of(1, 2, 3),
      symbols: ["B", "A"],
      open: Float64Array.of(NaN, 1, NaN, 2, NaN, NaN),
      high: Float64Array.of(NaN, 4, NaN, 5, NaN, NaN),
      low: Float64Array.of(NaN, 0.5, NaN, 1, NaN, NaN),
      close: Float64Array.of(NaN, 3, 7, 4, 8, NaN),
      volume: Float64Array.of(NaN, NaN, 70, NaN, 80, NaN),
    });
    const closes = await readPanel(lake, ["B", "A"], { lastRows: 2 });
    assertEquals([...closes.values], [7, 4, 8, NaN]);
  } finally {
    await Deno.remove(dir, { recursive: true });
  }
});
