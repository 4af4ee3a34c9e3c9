import { assert, assertEquals, assertGreater, assertStringIncludes } from "@std/assert";
import { panelHash } from "../src/lakehouse/parquet/panel_parquet.ts";
import { readPrices } from "../src/lakehouse/price_files/read_prices.ts";
import { loadManifest } from "../src/manifest/load_manifest.ts";
import { syntheticCryptoPrices } from "../testdata/make_crypto_synthetic.ts";

const FOLDER = new URL("../testdata/", import.meta.url).pathname;
const NAMES = {
  engines: ["clustered"],
  profiles: ["equal_weight", "min_variance", "hrp", "risk_parity", "max_sharpe"],
  simulators: ["vectorized"],
  metaProfiles: ["hrp", "risk_parity", "equal_weight"],
};
const US_LARGE_CAP_HASH = "a67acbbaa324bbe1adb3243f1028744d1d9b00d9956fe6142fe4c673089594ce";

Deno.test("us_large_cap.parquet holds the 20 stocks of 1990 to 2022 that its README tells of", async () => {
  const { panel } = await readPrices(`${FOLDER}us_large_cap.parquet`);
  assertEquals([panel.timestampsS.length, panel.symbols.length], [8313, 20]);
  assertEquals(panelHash(panel), US_LARGE_CAP_HASH);
  // The first and the last row of the source: AAPL.
  assertEquals([panel.values[0], panel.values[8312 * 20]], [0.264, 125.674]);
  assertStringIncludes(await Deno.readTextFile(`${FOLDER}README.md`), US_LARGE_CAP_HASH);
});

Deno.test("crypto_synthetic.parquet is what its generator makes", async () => {
  const { panel } = await readPrices(`${FOLDER}crypto_synthetic.parquet`);
  assertEquals(panelHash(panel), panelHash(syntheticCryptoPrices()));
});

Deno.test("the synthetic crypto panel runs every day, has late listings, and cannot be mistaken for quotes", () => {
  const { timestampsS, symbols, values } = syntheticCryptoPrices();
  for (let i = 1; i < timestampsS.length; i++) {
    assertEquals(timestampsS[i] - timestampsS[i - 1], 86_400);
  }
  for (const symbol of symbols) assert(symbol.startsWith("SYN_"), symbol);
  const late = symbols.map((_, j) => {
    const holes = Array.from(timestampsS, (_, i) => Number.isNaN(values[i * symbols.length + j]));
    const listed = holes.indexOf(false);
    assert(!holes.includes(true, listed), "holes are leading ones only");
    return listed;
  });
  assertEquals(late.filter((days) => days > 0), [101, 265, 640]);
});

Deno.test("the synthetic crypto panel has tails fatter than the normal distribution", () => {
  const { symbols, values, timestampsS } = syntheticCryptoPrices();
  const returns = Array.from(
    { length: timestampsS.length - 1 },
    (_, i) => Math.log(values[(i + 1) * symbols.length] / values[i * symbols.length]),
  );
  const mean = returns.reduce((sum, r) => sum + r, 0) / returns.length;
  const moment = (k: number) =>
    returns.reduce((sum, r) => sum + (r - mean) ** k, 0) / returns.length;
  assertGreater(moment(4) / moment(2) ** 2, 5);
});

Deno.test("the bundled manifest walks 100 windows of 252/20/20 over 8 years of 20 stocks with 5 profiles", async () => {
  const { data, backtest, prices, profileName } = await loadManifest(
    `${FOLDER}production.jsonc`,
    NAMES,
  );
  assertEquals([profileName, prices], ["us_large_cap", `${FOLDER}us_large_cap.parquet`]);
  const { train, test, step, profiles, slippage_bps, commission_bps } = backtest;
  assertEquals([train, test, step, slippage_bps, commission_bps], [252, 20, 20, 5, 1]);
  assertEquals(profiles, NAMES.profiles);
  const returns = data.lookback_days - 1;
  assertEquals(returns - train, 8 * 252);
  assertEquals(Math.floor((returns - train - test) / step) + 1, 100);
});

Deno.test("the bundled crypto profile is marked synthetic and trades every day", async () => {
  const config = await loadManifest(`${FOLDER}production.jsonc`, { ...NAMES, profile: "crypto" });
  assertEquals([config.profileName, config.synthetic], ["crypto_synthetic", true]);
  const { train, test, step, slippage_bps, commission_bps } = config.backtest;
  assertEquals([train, test, step, slippage_bps, commission_bps], [20, 10, 10, 10, 4]);
  assertEquals(config.data.calendar, "24x7");
});
