import { assert, assertAlmostEquals, assertEquals, assertThrows } from "@std/assert";
import { createRng } from "../../../src/base/rng.ts";
import { adaptiveProfile } from "../../../src/quant/regime/adaptive_profile.ts";
import { readMarket } from "../../../src/quant/regime/read_market.ts";
import { readQuadrant } from "../../../src/quant/regime/quadrant.ts";
import {
  marketReturns,
  readRegime,
  type RegimeReading,
} from "../../../src/quant/regime/regime_score.ts";

function noise(seed: number, rows: number, deviationOf: (row: number) => number): Float64Array {
  const rng = createRng(seed);
  return Float64Array.from({ length: rows }, (_, row) => deviationOf(row) * rng.normal());
}

Deno.test("readRegime() calls even noise quiet, and a volatility that has risen sixfold a crisis", () => {
  assertEquals(readRegime(noise(1, 252, () => 0.01)).regime, "QUIET");
  const broken = readRegime(noise(1, 252, (row) => row < 242 ? 0.01 : 0.06));
  assertEquals(broken.regime, "CRISIS");
  assert(broken.features.volatilityRatio > 3);
});

Deno.test("readRegime() rises with the volatility of the last 10 bars, through every regime", () => {
  const regimes = [1, 2, 5, 25].map((factor) =>
    readRegime(noise(2, 252, (row) => row < 242 ? 0.01 : 0.01 * factor)).regime
  );
  assertEquals(regimes, ["QUIET", "NORMAL", "TURBULENT", "CRISIS"]);
});

Deno.test("readRegime() scores a market that stands still with 0, and needs 10 finite returns above −1", () => {
  const still = readRegime(new Float64Array(30));
  assertEquals([still.regime, still.score], ["QUIET", 0]);
  assertThrows(() => readRegime(new Float64Array(9)), RangeError, "there are 9");
  assertThrows(() => readRegime(new Float64Array(20).fill(-1)), RangeError, "return 0 is -1");
  assertThrows(() => readRegime(new Float64Array(20).fill(NaN)), RangeError, "is NaN");
});

Deno.test("marketReturns() is the mean of each row", () => {
  assertEquals([...marketReturns(Float64Array.from([1, 3, 5, 9]), 2)], [2, 7]);
});

function reading(volatilityRatio: number, turbulence: number): RegimeReading {
  const features = {
    volatilityRatio,
    turbulence,
    absoluteAutocorrelation: 0,
    entropy: 0,
    memory: 0,
    unitRootPValue: 0,
    tails: 0,
  };
  return { regime: "NORMAL", score: 0, features };
}

Deno.test("readQuadrant() crosses annual return beyond ±5 % with stress above 1.1", () => {
  const at = (annual: number, ratio: number, turbulence: number) =>
    readQuadrant(new Float64Array(20).fill(annual / 250), reading(ratio, turbulence), 250);
  assertEquals(at(0.06, 1, 0.5).quadrant, "EXPANSION");
  assertEquals(at(0.06, 1.3, 0.5).quadrant, "INFLATIONARY_TREND");
  assertEquals(at(0.04, 1.3, 0.5).quadrant, "STAGNATION");
  assertEquals(at(-0.06, 1, 0.5).quadrant, "STAGNATION");
  assertEquals(at(-0.06, 1.3, 0.5).quadrant, "CRISIS");
  assertAlmostEquals(at(0.06, 1, 0.5).stress, 1, 1e-15);
  assertAlmostEquals(at(0.06, 1, 0.5).annualReturn, 0.06, 1e-15);
  assertThrows(() => readQuadrant(new Float64Array(20), reading(1, 1), 0), RangeError, "it is 0");
});

Deno.test("adaptiveProfile() has a profile for each quadrant", () => {
  assertEquals(
    (["EXPANSION", "INFLATIONARY_TREND", "STAGNATION", "CRISIS"] as const).map(adaptiveProfile),
    ["max_sharpe", "barbell", "min_variance", "hrp"],
  );
});

Deno.test("readMarket() reads the equal mix of a window's assets, and nothing of too few rows", () => {
  const one = noise(6, 200, (row) => row < 190 ? 0.01 : 0.06).map((value) => value - 0.002);
  // What the two hold against each other is not the market's.
  const other = noise(7, 200, () => 0.05);
  const values = Float64Array.from(
    { length: 400 },
    (_, at) => one[at >> 1] + (at % 2 === 0 ? 1 : -1) * other[at >> 1],
  );
  const window = { values, T: 200, N: 2 };
  const reading = readRegime(one);
  const { annualReturn, stress } = readQuadrant(one, reading, 252);
  const market = readMarket(window, 252)!;
  assertEquals([market.regime, market.quadrant], [reading.regime, "CRISIS"]);
  assertAlmostEquals(market.score, reading.score, 1e-12);
  assertAlmostEquals(market.annualReturn, annualReturn, 1e-12);
  assertAlmostEquals(market.stress, stress, 1e-12);
  assertEquals(readMarket({ values: values.subarray(0, 18), T: 9, N: 2 }, 252), undefined);
  const lost = values.slice().fill(-1, 20, 22);
  assertEquals(readMarket({ ...window, values: lost }, 252), undefined);
});
