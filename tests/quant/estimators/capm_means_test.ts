import { assertAlmostEquals, assertEquals, assertThrows } from "@std/assert";
import { capmMeans, marketBetas } from "../../../src/quant/estimators/capm_means.ts";

const market = Float64Array.of(0.01, -0.01, 0.03);
const window = {
  values: Float64Array.from([...market].flatMap((r) => [2 * r + 0.01, -r])),
  T: 3,
  N: 2,
};

Deno.test("marketBetas() of multiples of the market are these multiples", () => {
  const betas = marketBetas(window, market);
  assertAlmostEquals(betas[0], 2, 1e-12);
  assertAlmostEquals(betas[1], -1, 1e-12);
});

Deno.test("capmMeans() expects the risk-free rate plus beta times the market's excess mean", () => {
  // The market's mean is 0.01, 0.008 above the risk-free rate.
  const means = capmMeans(window, 0.002, market);
  assertAlmostEquals(means[0], 0.002 + 2 * 0.008, 1e-14);
  assertAlmostEquals(means[1], 0.002 - 0.008, 1e-14);
});

Deno.test("capmMeans() takes the mean of all assets for the market, whose own beta is 1", () => {
  const betas = marketBetas(window);
  assertAlmostEquals((betas[0] + betas[1]) / 2, 1, 1e-12);
});

Deno.test("assets have beta 1 to a market that never moves", () => {
  assertEquals([...marketBetas(window, new Float64Array(3))], [1, 1]);
});

Deno.test("a market of another length is refused", () => {
  assertThrows(() => capmMeans(window, 0, Float64Array.of(0.1)), RangeError, "3 rows on 1 returns");
});
