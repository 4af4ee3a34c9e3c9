import { assertEquals } from "@std/assert";
import { sha256Hex } from "../../../src/base/hash.ts";
import { executionWrite } from "../../../src/lakehouse/prices/execution_table.ts";
import { openLakehouse } from "../../../src/lakehouse/lakehouse.ts";
import { describePriceTables } from "../../../src/lakehouse/prices/price_source.ts";
import { closesTable, PRICES_SCHEMA } from "../../../src/lakehouse/prices/prices_schema.ts";
import { LocalStore } from "../../../src/lakehouse/store/local_store.ts";
import { priceTableName } from "../../../src/lakehouse/prices/symbol.ts";
import { symbolsWrite } from "../../../src/lakehouse/prices/symbols_table.ts";
import { DEFAULTS, type ProductionConfig } from "../../../src/manifest/config.ts";
import { objectKey } from "../../../src/production/mirror/run_index.ts";
import { bringInputs, sendInputs } from "../../../src/production/mirror/run_inputs.ts";
import { recordOf } from "../../dataops/places.ts";

Deno.test("the tables of a run's symbols travel with what is known of how to trade them", async () => {
  const folder = await Deno.makeTempDir();
  try {
    const lake = openLakehouse(`${folder}/lake`);
    const record = recordOf("BTCUSDT", "coins");
    const { symbol } = record;
    const rules = { lotSize: 0.01, tickSize: 0.1, minNotional: NaN, feeBps: 10, updatedAtS: 7 };
    await lake.writeTables([
      {
        name: priceTableName(symbol, "1d"),
        schema: PRICES_SCHEMA,
        columns: closesTable(Float64Array.of(86_400), Float64Array.of(5)),
        mode: "replace",
        sourceSha256: null,
      },
      symbolsWrite([record]),
      executionWrite([{ symbol, ...rules }]),
    ]);
    const source = await describePriceTables(lake.dir, { interval: "1d" });
    const config: ProductionConfig = {
      ...DEFAULTS,
      profileName: "p",
      manifestPath: "manifest.jsonc",
      prices: lake.dir,
      synthetic: false,
      title: "p",
    };
    const remote = new LocalStore(`${folder}/remote`);
    const inputs = await sendInputs(config, source, [symbol], async (bytes) => {
      const sha256 = sha256Hex(bytes);
      await remote.put(objectKey(sha256), bytes);
      return sha256;
    });
    const brought = await bringInputs(remote, inputs, `${folder}/inputs`, config);
    const found = await describePriceTables(brought.prices, { interval: "1d" });
    assertEquals(found.sha256, source.sha256);
    assertEquals(found.records, [record]);
    assertEquals(found.execution, [{ symbol, ...rules }]);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});
