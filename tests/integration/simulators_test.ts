import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { join } from "@std/path";
import type { Column } from "../../src/lakehouse/columns.ts";
import { openLakehouse } from "../../src/lakehouse/lakehouse.ts";
import { PRICES_SCHEMA } from "../../src/lakehouse/prices/prices_schema.ts";
import { readColumns } from "../../src/lakehouse/parquet/parquet_file.ts";
import { readPrices } from "../../src/lakehouse/price_files/read_prices.ts";
import { priceTableName } from "../../src/lakehouse/prices/symbol.ts";
import type { Panel } from "../../src/quant/panel.ts";
import { production, productionSummary, withFolder } from "./cli.ts";
import { US_LARGE_CAP, writeManifest } from "./manifest.ts";

const BACKTEST = {
  profiles: ["equal_weight"],
  simulators: ["vectorized", "orders", "event"],
  slippage_bps: 0,
  commission_bps: 0,
};

/** Bars of one symbol that open at the close before, without a volume. */
function barsOf({ timestampsS, symbols, values }: Panel, col: number): Column[] {
  const close = Float64Array.from(timestampsS, (_, t) => values[t * symbols.length + col]);
  const open = close.map((price, t) => t === 0 ? price : close[t - 1]);
  const fields: Record<string, Float64Array> = {
    open,
    high: open.map((price, t) => Math.max(price, close[t])),
    low: open.map((price, t) => Math.min(price, close[t])),
    close,
    volume: close.map(() => NaN),
  };
  return PRICES_SCHEMA.columns.map(({ name }): Column =>
    name === "timestamp"
      ? { name, dtype: "i64", values: timestampsS }
      : { name, dtype: "f64", values: fields[name] }
  );
}

Deno.test("on bars of a lakehouse all three simulators agree but for lots, and write their trades; closes alone are refused", () =>
  withFolder(async (folder) => {
    const { panel } = await readPrices(US_LARGE_CAP);
    await openLakehouse(join(folder, "lake")).writeTables(panel.symbols.map((symbol, col) => ({
      name: priceTableName(symbol, "1d"),
      schema: PRICES_SCHEMA,
      columns: barsOf(panel, col),
      mode: "replace" as const,
      sourceSha256: null,
    })));
    const out = join(folder, "out");
    const manifest = await writeManifest(folder, { prices: "lake", backtest: BACKTEST });
    const { run_id, candidates } = await productionSummary(["--manifest", manifest, "--out", out]);
    const totals = candidates.map(({ metrics }) => Number(metrics.total_return));
    assertEquals(totals.length, 3);
    assert(Math.max(...totals) - Math.min(...totals) < 1e-3, totals.join(", "));
    for (const simulator of ["orders", "event"]) {
      const name = `baseline_clustered_equal_weight_window_${simulator}.parquet`;
      const trades = await readColumns(join(out, "runs", run_id, "trades", name));
      assert(trades[0].values.length > 20);
    }
    const closes = await writeManifest(folder, { backtest: BACKTEST });
    const refused = await production(["--manifest", closes, "--out", out]);
    assertEquals(refused.code, 2);
    assertStringIncludes(refused.stderr, "holds closes alone");
  }));
