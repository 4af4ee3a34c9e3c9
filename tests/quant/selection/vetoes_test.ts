import { assertEquals } from "@std/assert";
import type { AssetFeatures } from "../../../src/quant/selection/asset_features.ts";
import { RELAXED, STRICT, vetoesOf } from "../../../src/quant/selection/vetoes.ts";

const SOUND: AssetFeatures = {
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
};
const CANDIDATE = { symbol: "S", identity: "S" };

const rulesOf = (changed: Partial<AssetFeatures>, about = {}, relaxation = STRICT) =>
  vetoesOf({ ...SOUND, ...changed }, { ...CANDIDATE, ...about }, relaxation)
    .map(({ rule, isHard }) => isHard ? `${rule}!` : rule);

Deno.test("vetoesOf() keeps out what is beyond a limit, and nothing at it", () => {
  assertEquals(rulesOf({}), []);
  assertEquals(rulesOf({ entropy: 0.95, efficiency: 0.05, kurtosis: 20, volatility: 2.5 }), []);
  assertEquals(rulesOf({ kurtosis: 20.1 }), ["kurtosis!"]);
  assertEquals(rulesOf({ volatility: 2.51 }), ["volatility!"]);
  assertEquals(rulesOf({ entropy: 0.951 }), ["entropy"]);
  assertEquals(rulesOf({ efficiency: 0.049 }), ["efficiency"]);
  assertEquals(rulesOf({ hurst: 0.48 }), ["hurst"]);
  assertEquals(rulesOf({ hurst: 0.52 }), ["hurst"]);
  assertEquals(rulesOf({ hurst: 0.479 }), []);
  assertEquals(rulesOf({ volatility: NaN }), ["standstill!"]);
});

Deno.test("vetoesOf() judges friction and execution where they are known, and only there", () => {
  assertEquals(rulesOf({ momentum: -0.1 }, { annualFriction: 0.1 }), ["friction"]);
  assertEquals(rulesOf({ momentum: -0.1 }, { annualFriction: 0.09 }), []);
  assertEquals(rulesOf({}, { hasExecution: false }), ["execution!"]);
  assertEquals(rulesOf({}, { hasExecution: true }), []);
});

Deno.test("vetoesOf() under relaxed limits lets more entropy and less efficiency pass, and nothing else", () => {
  assertEquals(rulesOf({ entropy: 0.99, efficiency: 0.041 }, {}, RELAXED), []);
  assertEquals(rulesOf({ efficiency: 0.039 }, {}, RELAXED), ["efficiency"]);
  assertEquals(rulesOf({ hurst: 0.5, kurtosis: 21 }, {}, RELAXED), ["kurtosis!", "hurst"]);
});

Deno.test("vetoesOf() says the value and the limit", () => {
  const [{ detail }] = vetoesOf({ ...SOUND, kurtosis: 23.456 }, CANDIDATE, STRICT);
  assertEquals(detail, "kurtosis 23.46 is above 20");
});
