import { assertAlmostEquals, assertEquals, assertLess } from "@std/assert";
import { equalWeight } from "../../../src/quant/optimizers/equal_weight.ts";

function weightsUnder(
  upper: number[],
  labels: number[],
  caps: number[],
  lower = upper.map(() => 0),
) {
  return equalWeight({
    n: upper.length,
    lower: Float64Array.from(lower),
    upper: Float64Array.from(upper),
    labels: Int32Array.from(labels),
    caps: Float64Array.from(caps),
  });
}

Deno.test("equalWeight() is 1/n to the bit where the caps allow it", () => {
  const { weights, kktResidual } = weightsUnder([1, 1, 1], [0, 0, 1], [0.7, 1]);
  assertEquals([...weights], [1 / 3, 1 / 3, 1 / 3]);
  assertEquals(kktResidual, 0);
});

Deno.test("equalWeight() shares what a capped asset cannot hold equally among the others", () => {
  const { weights, kktResidual } = weightsUnder([0.1, 1, 1], [0, 0, 0], [1]);
  [0.1, 0.45, 0.45].forEach((weight, i) => assertAlmostEquals(weights[i], weight, 1e-14));
  assertLess(kktResidual, 1e-12);
});

Deno.test("equalWeight() is at one level within a capped group, and at a higher one outside", () => {
  const { weights } = weightsUnder([1, 1, 1, 1], [0, 0, 0, 1], [0.3, 1]);
  [0.1, 0.1, 0.1, 0.7].forEach((weight, i) => assertAlmostEquals(weights[i], weight, 1e-14));
});

Deno.test("equalWeight() keeps lower bounds", () => {
  const { weights } = weightsUnder([1, 1, 1], [0, 0, 0], [1], [0.6, 0, 0]);
  [0.6, 0.2, 0.2].forEach((weight, i) => assertAlmostEquals(weights[i], weight, 1e-14));
});
