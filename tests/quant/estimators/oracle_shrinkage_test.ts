import { assert, assertAlmostEquals, assertEquals } from "@std/assert";
import { oracleShrinkage } from "../../../src/quant/estimators/oracle_shrinkage.ts";
import { randomWindow } from "./windows.ts";

Deno.test("oracleShrinkage() of two uncorrelated equal variances is their diagonal, wholly shrunk", () => {
  const window = { values: Float64Array.of(1, 1, 1, -1, -1, 1, -1, -1), T: 4, N: 2 };
  const { covariance, shrinkage } = oracleShrinkage(window);
  assertEquals(shrinkage, 1);
  assertEquals([...covariance.data], [1, 0, 0, 1]);
});

Deno.test("oracleShrinkage() keeps the total variance, and every variance positive for N > T", () => {
  const { covariance, shrinkage } = oracleShrinkage(randomWindow(3, 5, 12));
  const plain = oracleShrinkage({ ...randomWindow(3, 5, 12) }).covariance;
  assert(shrinkage > 0 && shrinkage <= 1);
  let trace = 0, other = 0;
  for (let i = 0; i < 12; i++) {
    assert(covariance.data[i * 13] > 0);
    trace += covariance.data[i * 13];
    other += plain.data[i * 13];
  }
  assertAlmostEquals(trace, other, 1e-15);
});

Deno.test("oracleShrinkage() of one asset is its variance, and of constants zero", () => {
  const one = oracleShrinkage({ values: Float64Array.of(1, -1), T: 2, N: 1 });
  assertEquals([one.covariance.data[0], one.shrinkage], [1, 0]);
  const still = oracleShrinkage({ values: new Float64Array(6).fill(0.1), T: 3, N: 2 });
  assert(still.covariance.data.every((value) => value === 0));
});
