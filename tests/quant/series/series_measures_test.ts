import { assert, assertAlmostEquals, assertEquals, assertThrows } from "@std/assert";
import fc from "fast-check";
import { createRng } from "../../../src/base/rng.ts";
import { augmentedDickeyFuller } from "../../../src/quant/series/augmented_dickey_fuller.ts";
import { autocorrelation } from "../../../src/quant/series/autocorrelation.ts";
import { efficiency } from "../../../src/quant/series/efficiency.ts";
import { haarTurbulence } from "../../../src/quant/series/haar_turbulence.ts";
import { hurstExponent } from "../../../src/quant/series/hurst_exponent.ts";
import { leastSquares } from "../../../src/quant/series/least_squares.ts";
import { permutationEntropy } from "../../../src/quant/series/permutation_entropy.ts";

const numbers = (...values: number[]) => Float64Array.from(values);

Deno.test("permutationEntropy() is 0 for one ordering, ln 2 / ln 6 for two that are as frequent, NaN for too few values", () => {
  assertEquals(permutationEntropy(numbers(1, 2, 3, 4), 3), 0);
  // 1 3 2, then 3 2 4: two orderings, once each.
  assertAlmostEquals(permutationEntropy(numbers(1, 3, 2, 4), 3), Math.log(2) / Math.log(6), 1e-15);
  assertEquals(permutationEntropy(numbers(1, 1, 1, 1), 3), 0);
  assertEquals(permutationEntropy(numbers(1, 2), 3), NaN);
  assertThrows(() => permutationEntropy(numbers(1, 2), 8), RangeError, "it is 8");
});

Deno.test("permutationEntropy() does not change with the scale of the values, and stays within 0 and 1", () => {
  const values = fc.array(fc.integer({ min: -50, max: 50 }), { minLength: 5, maxLength: 60 });
  fc.assert(fc.property(values, fc.integer({ min: 1, max: 9 }), (list, scale) => {
    const entropy = permutationEntropy(Float64Array.from(list), 4);
    assert(entropy >= 0 && entropy <= 1);
    assertEquals(permutationEntropy(Float64Array.from(list, (v) => v * scale + 3), 4), entropy);
  }));
});

Deno.test("efficiency() is 1 on a straight path, 0 on one that comes back, NaN on none", () => {
  assertEquals(efficiency(numbers(0.5, 0.25, 0)), 1);
  assertEquals(efficiency(numbers(-0.5, -0.25)), 1);
  assertEquals(efficiency(numbers(0.5, -0.5)), 0);
  assertEquals(efficiency(numbers(0, 0)), NaN);
});

Deno.test("haarTurbulence() is 0 for equal neighbours, 1 for opposite ones, and leaves the oldest of an odd count out", () => {
  assertEquals(haarTurbulence(numbers(2, 2, -3, -3)), 0);
  assertEquals(haarTurbulence(numbers(2, -2)), 1);
  assertEquals(haarTurbulence(numbers(100, 2, -2)), 1);
  assertEquals(haarTurbulence(numbers(1, 0)), 0.5);
  assertEquals(haarTurbulence(numbers(0, 0)), NaN);
});

Deno.test("autocorrelation() of a series that alternates is −(T − 1)/T, of a constant NaN", () => {
  assertAlmostEquals(autocorrelation(numbers(1, -1, 1, -1)), -0.75, 1e-15);
  assertEquals(autocorrelation(numbers(3, 3, 3)), NaN);
});

Deno.test("hurstExponent() is 1 for a steady drift, near 0 for one that goes back and forth, NaN without moves", () => {
  assertAlmostEquals(hurstExponent(new Float64Array(60).fill(0.01)), 1, 1e-9);
  const rng = createRng(4);
  let last = 0;
  const returning = Float64Array.from({ length: 250 }, () => {
    const level = 0.01 * rng.normal();
    const move = level - last;
    last = level;
    return move;
  });
  assert(Math.abs(hurstExponent(returning)) < 0.1);
  assertEquals(hurstExponent(new Float64Array(60)), NaN);
  assertEquals(hurstExponent(numbers(0.1, -0.1, 0.1)), NaN);
  assertEquals(hurstExponent(numbers(0.1, -1, 0.1, 0.2, 0.1)), NaN);
});

Deno.test("leastSquares() fits a line that can be checked by hand, and knows columns that depend on each other", () => {
  // The line through (0, 1), (1, 4), (2, 5) has slope 2 and residuals −1/3, 2/3, −1/3.
  const { residuals, lastT } = leastSquares([numbers(1, 1, 1), numbers(0, 1, 2)], numbers(1, 4, 5));
  assertAlmostEquals(residuals[0], 42, 1e-12);
  assertAlmostEquals(residuals[2], 2 / 3, 1e-12);
  assertAlmostEquals(lastT, 2 / Math.sqrt((2 / 3) / 2), 1e-12);
  assertEquals(leastSquares([numbers(1, 1), numbers(0, 1)], numbers(1, 4)).lastT, NaN);
});

Deno.test("augmentedDickeyFuller() cannot tell anything of too few values, or of equal ones", () => {
  assertEquals(augmentedDickeyFuller(numbers(1, 2, 3)), { statistic: NaN, pValue: NaN, lags: 0 });
  assertEquals(augmentedDickeyFuller(new Float64Array(50).fill(3)).pValue, NaN);
});

Deno.test("augmentedDickeyFuller() rejects a unit root of noise, and not of a random walk", () => {
  const rng = createRng(8);
  const noise = Float64Array.from({ length: 250 }, () => rng.normal());
  let level = 0;
  const walk = noise.map((step) => level += step);
  assert(augmentedDickeyFuller(noise).pValue < 1e-6);
  assert(augmentedDickeyFuller(walk).pValue > 0.05, `${augmentedDickeyFuller(walk).pValue}`);
});
