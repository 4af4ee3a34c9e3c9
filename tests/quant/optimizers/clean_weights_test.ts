import { assertAlmostEquals, assertEquals } from "@std/assert";
import { cleanWeights } from "../../../src/quant/optimizers/clean_weights.ts";

const limits = {
  n: 4,
  lower: Float64Array.of(0, 0, 0, 0),
  upper: Float64Array.of(0.5, 0.5, 1, 1),
  labels: Int32Array.of(0, 0, 1, 1),
  caps: Float64Array.of(0.6, 1),
};

function assertClean(raw: number[], expected: number[]) {
  const weights = cleanWeights(limits, Float64Array.from(raw));
  expected.forEach((weight, i) => assertAlmostEquals(weights[i], weight, 1e-15, `asset ${i}`));
  return weights;
}

Deno.test("cleanWeights() leaves clean weights as they are", () => {
  assertEquals([...assertClean([0.25, 0.25, 0.5, 0], [0.25, 0.25, 0.5, 0])], [0.25, 0.25, 0.5, 0]);
});

Deno.test("cleanWeights() turns tiny negatives into zeros that stay zeros", () => {
  const weights = assertClean([-1e-9, 0.4, 0.6, -1e-12], [0, 0.4, 0.6, 0]);
  assertEquals([weights[0], weights[3]], [0, 0]);
});

Deno.test("cleanWeights() adds what is missing to the largest weight that has room in its bounds and group", () => {
  assertClean([0.5, 0.1, 0.3, 0], [0.5, 0.1, 0.4, 0]);
});

Deno.test("cleanWeights() brings a group down to its cap and the sum to 1", () => {
  assertClean([0.4, 0.4, 0.2, 0.2], [0.3, 0.3, 0.2, 0.2]);
  assertClean([0.25, 0.25, 0.5, 0.25], [0.2, 0.2, 0.4, 0.2]);
});
