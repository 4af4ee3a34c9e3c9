import { assertAlmostEquals, assertEquals } from "@std/assert";
import {
  gaussianCvar95,
  gaussianVar95,
  historicCvar95,
  quantile,
  sortedCopy,
  tailMeans,
  tailRatio,
} from "../../../src/quant/metrics/tail_risk.ts";

Deno.test("quantile() interpolates between order statistics", () => {
  const sorted = Float64Array.of(1, 2, 4);
  assertEquals([0, 0.25, 0.5, 0.75, 1].map((p) => quantile(sorted, p)), [1, 1.5, 2, 3, 4]);
  assertEquals(quantile(new Float64Array(), 0.5), NaN);
});

Deno.test("historicCvar95() takes one bar of 20 and two of 21", () => {
  const returns = Float64Array.from({ length: 21 }, (_, k) => k - 10);
  assertEquals(historicCvar95(returns.subarray(0, 20)), -10);
  assertEquals(historicCvar95(returns), -9.5);
  assertEquals(tailMeans(returns), { left: -9.5, right: 9.5 });
});

Deno.test("the Gaussian measures are 1.645 and 2.063 standard deviations below the mean", () => {
  const returns = Float64Array.of(0, Math.SQRT2);
  assertAlmostEquals(gaussianVar95(returns), Math.SQRT1_2 - 1.6448536269514722, 1e-14);
  assertAlmostEquals(gaussianCvar95(returns), Math.SQRT1_2 - 2.0627128075074257, 1e-13);
  assertEquals(gaussianVar95(Float64Array.of(0.1)), NaN);
  assertEquals(gaussianCvar95(Float64Array.of(0.5, 0.5)), 0.5);
});

Deno.test("tailRatio() is 1 for symmetric returns and NaN without a left tail", () => {
  assertAlmostEquals(tailRatio(Float64Array.of(-2, -1, 0, 1, 2)), 1, 1e-15);
  assertEquals(tailRatio(Float64Array.of(0, 0, 0, 1)), NaN);
});

Deno.test("sortedCopy() puts NaN last and leaves its input", () => {
  const values = Float64Array.of(3, NaN, -1);
  assertEquals(sortedCopy(values), Float64Array.of(-1, 3, NaN));
  assertEquals(values, Float64Array.of(3, NaN, -1));
});
