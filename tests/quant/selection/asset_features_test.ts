import { assert, assertAlmostEquals, assertEquals } from "@std/assert";
import { assetFeatures } from "../../../src/quant/selection/asset_features.ts";
import references from "../../reference/selection/references.json" with { type: "json" };

for (const { kind, returns: text, measures } of references) {
  const returns = Float64Array.from(text.split(" "), Number);
  Deno.test(`assetFeatures() of ${returns.length} returns, ${kind}, agree with the libraries' measures`, () => {
    const features = assetFeatures(returns, 252, 0.3);
    const expected = {
      entropy: measures.permutation_entropy,
      efficiency: measures.efficiency,
      hurst: measures.hurst,
      hurstClean: 1 - 2 * Math.abs(measures.hurst - 0.5),
      skew: Math.abs(measures.skew),
      kurtosis: measures.kurtosis,
      cvar: measures.cvar,
      liquidity: 0.3,
    };
    for (const [name, value] of Object.entries(expected)) {
      const actual = features[name as keyof typeof expected];
      assert(
        Math.abs(actual - value) <= 1e-9 * Math.max(Math.abs(value), 1e-3),
        `${name}: ${actual} and ${value}`,
      );
    }
    assertAlmostEquals(features.stability * features.volatility, 1, 1e-12);
  });
}

Deno.test("assetFeatures() annualise the mean and the deviation by the given year", () => {
  const features = assetFeatures(Float64Array.from([0.01, 0.03]), 100, NaN);
  assertAlmostEquals(features.momentum, 2, 1e-12);
  assertAlmostEquals(features.volatility, Math.sqrt(0.0002) * 10, 1e-12);
  assertEquals(features.liquidity, NaN);
});

Deno.test("assetFeatures() of an asset that stands still are NaN", () => {
  const { liquidity, ...features } = assetFeatures(new Float64Array(50).fill(0.001), 252, 1);
  assertEquals(liquidity, 1);
  for (const value of Object.values(features)) assertEquals(value, NaN);
});
