import { assertAlmostEquals, assertEquals } from "@std/assert";
import { firstOrderGap, minimiseLinear } from "../../../src/quant/optimizers/linear_oracle.ts";

const limits = {
  n: 4,
  lower: Float64Array.of(0, 0, 0, 0.1),
  upper: Float64Array.of(0.4, 0.4, 0.5, 1),
  labels: Int32Array.of(0, 0, 1, 1),
  caps: Float64Array.of(0.5, 1),
};

Deno.test("minimiseLinear() fills the cheapest assets up to their own and their group's caps", () => {
  const weights = minimiseLinear(Float64Array.of(1, 2, 3, 4), limits);
  [0.4, 0.1, 0.4, 0.1].forEach((weight, i) => assertAlmostEquals(weights[i], weight, 1e-15));
});

Deno.test("firstOrderGap() is zero at the vertex, and what the step to it gains elsewhere", () => {
  const gradient = Float64Array.of(1, 2, 3, 4);
  assertEquals(firstOrderGap(gradient, minimiseLinear(gradient, limits), limits), 0);
  assertAlmostEquals(firstOrderGap(gradient, Float64Array.of(0, 0, 0, 1), limits), 1.8, 1e-15);
});
