import { assertAlmostEquals, assertEquals, assertThrows } from "@std/assert";
import fc from "fast-check";
import {
  contributed,
  contributionsOf,
  flattenSleeves,
  type WeightedSleeve,
} from "../../../src/quant/meta/flatten_sleeves.ts";

function leaf(id: string, weight: number, assets: Record<string, number>): WeightedSleeve {
  return { id, weight, holds: { type: "assets", weights: new Map(Object.entries(assets)) } };
}

const flatten = (sleeves: readonly WeightedSleeve[]) => flattenSleeves(contributionsOf(sleeves));

Deno.test("flattenSleeves() sets longs and shorts off in net, adds them up in gross, and keeps who holds what", () => {
  const flat = flatten([
    leaf("trend", 0.5, { BTC: 0.5, ETH: 0.5 }),
    leaf("hedge", 0.25, { ETH: -1, USD: 0 }),
    leaf("cash", 0.25, {}),
  ]);
  assertEquals(flat, {
    assets: [
      {
        symbol: "BTC",
        net: 0.25,
        gross: 0.25,
        contributors: [{ symbol: "BTC", path: "trend", sleeveWeight: 0.5, assetWeight: 0.5 }],
      },
      {
        symbol: "ETH",
        net: 0,
        gross: 0.5,
        contributors: [
          { symbol: "ETH", path: "trend", sleeveWeight: 0.5, assetWeight: 0.5 },
          { symbol: "ETH", path: "hedge", sleeveWeight: 0.25, assetWeight: -1 },
        ],
      },
    ],
    net: 0.25,
    gross: 0.25,
    grossOfSleeves: 0.75,
  });
});

Deno.test("a nested meta-portfolio flattens to the same assets as its sleeves with multiplied weights", () => {
  const stocks = contributionsOf([
    leaf("growth", 0.75, { A: 0.5, B: 0.5 }),
    leaf("value", 0.25, { B: 1 }),
  ]);
  const nested = flatten([
    { id: "stocks", weight: 0.5, holds: { type: "contributions", contributions: stocks } },
    leaf("coins", 0.5, { C: 1 }),
  ]);
  assertEquals(nested.assets.map(({ symbol, net }) => [symbol, net]), [
    ["A", 0.1875],
    ["B", 0.3125],
    ["C", 0.5],
  ]);
  assertEquals(nested.assets[1].contributors, [
    { symbol: "B", path: "stocks/growth", sleeveWeight: 0.375, assetWeight: 0.5 },
    { symbol: "B", path: "stocks/value", sleeveWeight: 0.125, assetWeight: 1 },
  ]);
});

const sleeves = fc.array(
  fc.record({
    weight: fc.double({ min: 0, max: 1, noNaN: true }),
    assets: fc.dictionary(
      fc.constantFrom("A", "B", "C", "D"),
      fc.double({ min: -1, max: 1, noNaN: true }),
    ),
  }),
  { minLength: 1, maxLength: 6 },
).map((items) => items.map(({ weight, assets }, i) => leaf(`s${i}`, weight, assets)));

Deno.test("flattenSleeves(): net is never above gross, contributors add up to both, and the order of assets is fixed", () => {
  fc.assert(fc.property(sleeves, (given) => {
    const flat = flatten(given);
    for (const { net, gross, contributors } of flat.assets) {
      const parts = contributors.map(contributed);
      assertAlmostEquals(parts.reduce((sum, part) => sum + part, 0), net, 1e-15);
      assertAlmostEquals(parts.reduce((sum, part) => sum + Math.abs(part), 0), gross, 1e-15);
      if (Math.abs(net) > gross + 1e-15) throw new Error(`|${net}| > ${gross}`);
    }
    assertEquals(flat.gross <= flat.grossOfSleeves + 1e-12, true);
    const symbols = flat.assets.map(({ symbol }) => symbol);
    assertEquals(symbols, [...new Set(symbols)].sort());
    const reversed = flatten(given.toReversed()).assets;
    assertEquals(reversed.map(({ symbol }) => symbol), symbols);
    reversed.forEach(({ net }, i) => assertAlmostEquals(net, flat.assets[i].net, 1e-15));
  }));
});

Deno.test("fully invested sleeves whose weights sum to 1 flatten to a fully invested portfolio", () => {
  const simplex = fc.array(fc.double({ min: 0.01, max: 1, noNaN: true }), {
    minLength: 2,
    maxLength: 5,
  }).map((raw) => {
    const total = raw.reduce((sum, value) => sum + value, 0);
    return raw.map((value) => value / total);
  });
  fc.assert(fc.property(simplex, simplex, (weights, assets) => {
    const held = Object.fromEntries(assets.map((weight, i) => [`asset${i}`, weight]));
    const flat = flatten(weights.map((weight, i) => leaf(`s${i}`, weight, held)));
    assertAlmostEquals(flat.net, 1, 1e-12);
    assertAlmostEquals(flat.gross, 1, 1e-12);
  }));
});

Deno.test("contributionsOf() refuses weights that are no numbers, naming sleeve and asset", () => {
  assertThrows(
    () => contributionsOf([leaf("a", 0.5, { X: NaN })]),
    RangeError,
    "sleeve a with weight 0.5 holds NaN of X",
  );
});
