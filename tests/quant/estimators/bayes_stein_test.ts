import { assert, assertAlmostEquals, assertEquals } from "@std/assert";
import { bayesSteinMeans } from "../../../src/quant/estimators/bayes_stein.ts";
import { sampleCovariance } from "../../../src/quant/estimators/sample_covariance.ts";
import { randomWindow } from "./windows.ts";

Deno.test("bayesSteinMeans() shrinks by (N + 2) / (N + 2 + T·distance)", () => {
  // Means 0.1 and 0.3 of unit variances: target 0.2, squared distance 0.02, T = 4.
  const window = { values: Float64Array.of(0.1, 0.3, 0.1, 0.3, 0.1, 0.3, 0.1, 0.3), T: 4, N: 2 };
  const identity = { rows: 2, cols: 2, data: Float64Array.of(1, 0, 0, 1) };
  const { means, shrinkage } = bayesSteinMeans(window, identity);
  assertAlmostEquals(shrinkage, 4 / 4.08, 1e-12);
  assertAlmostEquals(means[0], 0.2 - 0.1 * (1 - 4 / 4.08), 1e-12);
  assertAlmostEquals(means[1], 0.2 + 0.1 * (1 - 4 / 4.08), 1e-12);
});

Deno.test("bayesSteinMeans() of a singular covariance, and of one of zeros, is finite", () => {
  const wide = randomWindow(2, 4, 9);
  const { means, shrinkage } = bayesSteinMeans(wide, sampleCovariance(wide));
  assert(means.every(Number.isFinite) && shrinkage >= 0 && shrinkage <= 1);
  const zeros = { rows: 9, cols: 9, data: new Float64Array(81) };
  const common = bayesSteinMeans(wide, zeros);
  assertEquals(common.shrinkage, 1);
  assert(common.means.every((mean) => mean === common.means[0]));
});
