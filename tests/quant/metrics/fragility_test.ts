import { assertAlmostEquals, assertEquals, assertThrows } from "@std/assert";
import { antifragility, stressAlpha } from "../../../src/quant/metrics/fragility.ts";
import { temporalFragility, windowSharpes } from "../../../src/quant/metrics/temporal_fragility.ts";

Deno.test("windowSharpes() cuts at the starts and gives NaN where a window does not move", () => {
  const returns = Float64Array.of(9, 0, 0.2, 0.1, 0.1, 0.3, 0.1);
  const sharpes = windowSharpes(returns, [1, 3, 5], 4);
  const std = Math.sqrt(0.02);
  assertAlmostEquals(sharpes[0], 0.1 / std * 2, 1e-14);
  assertEquals(sharpes[1], NaN);
  assertAlmostEquals(sharpes[2], 0.2 / std * 2, 1e-14);
});

Deno.test("windowSharpes() refuses starts that do not rise within the returns", () => {
  const returns = new Float64Array(4);
  for (const starts of [[2, 2], [-1, 2], [0, 4], [0.5]]) {
    assertThrows(() => windowSharpes(returns, starts, 252), RangeError, "must start within");
  }
});

Deno.test("temporalFragility() is std over |mean| of the ratios that exist", () => {
  assertAlmostEquals(temporalFragility(Float64Array.of(-1, NaN, -3)), Math.SQRT2 / 2, 1e-15);
  assertEquals(temporalFragility(Float64Array.of(1, -1)), NaN);
  assertEquals(temporalFragility(Float64Array.of(1, NaN)), NaN);
});

Deno.test("antifragility() is skew + ln(right tail / left tail), 0 for symmetric returns", () => {
  assertAlmostEquals(antifragility(Float64Array.of(-0.2, -0.1, 0.1, 0.2)), 0, 1e-14);
  // Mean 0.04, m₂ 0.0344, m₃ 0.008208; the tails are one return each.
  const skew = Math.sqrt(20) / 3 * 0.008208 / 0.0344 ** 1.5;
  const skewed = antifragility(Float64Array.of(-0.1, -0.1, 0, 0, 0.4));
  assertAlmostEquals(skewed, skew + Math.log(4), 1e-12);
});

Deno.test("antifragility() compares the means of the best and the worst 5 %", () => {
  // 21 returns: the two highest and the two lowest; symmetric but for these, skew by itself apart.
  const returns = new Float64Array(21);
  returns.set([-0.1, -0.3], 0);
  returns.set([0.1, 0.3], 19);
  assertAlmostEquals(antifragility(returns), 0, 1e-14);
  assertEquals(antifragility(Float64Array.of(0.1, 0.2, 0.3)), NaN);
});

Deno.test("stressAlpha() is the mean lead on the benchmark's worst tenth, ties included", () => {
  // 11 bars: up to the second lowest, -0.4, which two bars share.
  const benchmark = Float64Array.of(-0.5, 0.1, 0.1, -0.4, 0.1, 0.1, 0.1, 0.1, 0.1, -0.4, 0.2);
  const returns = Float64Array.of(-0.1, 9, 9, -0.4, 9, 9, 9, 9, 9, -0.3, 9);
  assertAlmostEquals(stressAlpha(returns, benchmark), (0.4 + 0 + 0.1) / 3, 1e-15);
  assertEquals(stressAlpha(new Float64Array(), new Float64Array()), NaN);
  assertThrows(() => stressAlpha(returns, benchmark.subarray(1)), RangeError, "11 returns, 10");
});
