import { assertAlmostEquals, assertThrows } from "@std/assert";
import { ewmaCovariance, ewmaMeans } from "../../../src/quant/estimators/ewma.ts";
import { meanReturns } from "../../../src/quant/estimators/mean_returns.ts";
import { randomWindow } from "./windows.ts";

// With a half-life of one row, three rows weigh 1/7, 2/7 and 4/7.
const window = { values: Float64Array.of(0.07, 0, 0, 0.07, 0.14, 0.07), T: 3, N: 2 };

Deno.test("ewmaMeans() weighs the last row twice as much as the one a half-life before", () => {
  const means = ewmaMeans(window, 1);
  assertAlmostEquals(means[0], 0.01 + 0.08, 1e-15);
  assertAlmostEquals(means[1], 0.02 + 0.04, 1e-15);
});

Deno.test("ewmaCovariance() is the weighted mean of products, around zero", () => {
  const { data } = ewmaCovariance(window, 1);
  assertAlmostEquals(data[0], (0.0049 + 4 * 0.0196) / 7, 1e-16);
  assertAlmostEquals(data[1], 4 * 0.0098 / 7, 1e-16);
  assertAlmostEquals(data[3], (2 * 0.0049 + 4 * 0.0049) / 7, 1e-16);
});

Deno.test("a half-life much longer than the window weighs all rows alike", () => {
  const long = randomWindow(1, 30, 3);
  const [means, plain] = [ewmaMeans(long, 1e9), meanReturns(long)];
  means.forEach((mean, i) => assertAlmostEquals(mean, plain[i], 1e-10));
});

Deno.test("a half-life that is not above 0 is refused", () => {
  assertThrows(() => ewmaMeans(window, 0), RangeError, "every 0 rows");
  assertThrows(() => ewmaCovariance(window, Infinity), RangeError, "every Infinity rows");
});
