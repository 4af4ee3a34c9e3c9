import { assert, assertAlmostEquals, assertEquals } from "@std/assert";
import fc from "fast-check";
import type { AssetFeatures } from "../../../src/quant/selection/asset_features.ts";
import { scoreAssets } from "../../../src/quant/selection/scores.ts";

function features(of: Partial<AssetFeatures>): AssetFeatures {
  return {
    momentum: 0.1,
    stability: 5,
    entropy: 0.8,
    efficiency: 0.1,
    hurst: 0.6,
    hurstClean: 0.8,
    skew: 0.2,
    kurtosis: 1,
    cvar: -0.02,
    liquidity: NaN,
    volatility: 0.2,
    ...of,
  };
}

Deno.test("scoreAssets() ranks from 0.01 to 1, the lower the better where noise or risk is measured, ties in the middle", () => {
  const assets = [
    features({ stability: 1, entropy: 0.9 }),
    features({ stability: 3, entropy: 0.7 }),
    features({ stability: 2, entropy: 0.7 }),
  ];
  const scores = scoreAssets(assets).map(({ probabilities }) => probabilities);
  assertEquals(scores.map(({ stability }) => stability), [0.01, 1, 0.505]);
  const expected = [0.01, 0.01 + 0.99 * 0.75, 0.01 + 0.99 * 0.75];
  scores.forEach(({ entropy }, i) => assertAlmostEquals(entropy!, expected[i], 1e-15));
  // All equal: the middle of the ranks, and of the normal distribution.
  assertEquals(scores.map(({ skew, momentum }) => [skew, momentum]), [
    [0.505, 0.5],
    [0.505, 0.5],
    [0.505, 0.5],
  ]);
});

Deno.test("scoreAssets() takes momentum by its distance from the mean, liquidity as it is, and the geometric mean of all", () => {
  const [low, high] = scoreAssets([
    features({ momentum: 0.1, liquidity: 0.0001 }),
    features({ momentum: 0.3, liquidity: 0.25 }),
  ]);
  // Two values are 1/√2 sample deviations from their mean.
  assertAlmostEquals(high.probabilities.momentum!, 0.7602499389065233, 1e-12);
  assertAlmostEquals(low.probabilities.momentum!, 1 - 0.7602499389065233, 1e-12);
  assertEquals([low.probabilities.liquidity, high.probabilities.liquidity], [0.01, 0.25]);
  const product = Object.values(high.probabilities).reduce((all, p) => all * p, 1);
  assertAlmostEquals(high.score, product ** (1 / 9), 1e-12);
});

Deno.test("scoreAssets() leaves an asset without a feature out of the ranks, and a feature that nobody has out of the score", () => {
  const scored = scoreAssets([features({ stability: 1 }), features({ cvar: NaN }), features({})]);
  assertEquals(scored.map(({ score }) => Number.isNaN(score)), [false, true, false]);
  assert(scored.every(({ probabilities }) => !("liquidity" in probabilities)));
  assertEquals(scored[1].probabilities, {});
  assertEquals([scored[0], scored[2]], scoreAssets([features({ stability: 1 }), features({})]));
});

Deno.test("scoreAssets() never falls when a feature gets better, and does not depend on the order", () => {
  const asset = fc.record({
    momentum: fc.integer({ min: -20, max: 20 }),
    efficiency: fc.integer({ min: 0, max: 10 }),
    kurtosis: fc.integer({ min: 0, max: 10 }),
  });
  fc.assert(fc.property(fc.array(asset, { minLength: 2, maxLength: 12 }), (list) => {
    const assets = list.map(features);
    const scores = scoreAssets(assets).map(({ score }) => score);
    assert(scores.every((score) => score >= 0.01 - 1e-15 && score <= 1));
    const better = [features({ ...list[0], kurtosis: list[0].kurtosis - 1 }), ...assets.slice(1)];
    assert(scoreAssets(better)[0].score >= scores[0]);
    const turned = scoreAssets(assets.toReversed()).map(({ score }) => score).reverse();
    turned.forEach((score, i) => assertAlmostEquals(score, scores[i], 1e-12));
  }));
});
