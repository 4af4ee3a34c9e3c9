import { assert, assertAlmostEquals, assertEquals } from "@std/assert";
import { createRng } from "../../../src/base/rng.ts";
import { ledoitWolf } from "../../../src/quant/estimators/ledoit_wolf.ts";
import references from "../../reference/optimizers/references.json" with { type: "json" };

Deno.test("ledoitWolf() agrees with scikit-learn on real returns", () => {
  const { T, N } = references;
  const { covariance, shrinkage } = ledoitWolf({
    values: Float64Array.from(references.returns),
    T,
    N,
  });
  const expected = references.ledoitWolf;
  assertAlmostEquals(shrinkage, expected.shrinkage, 1e-9 * expected.shrinkage);
  expected.covariance.forEach((value, k) => {
    assertAlmostEquals(covariance.data[k], value, 1e-9 * Math.abs(value));
  });
});

Deno.test("ledoitWolf() leaves a sample alone that is the target already", () => {
  // Rows (1, 0), (-1, 0), (0, 1), (0, -1): the sample is the target, I/2, already.
  const values = Float64Array.of(1, 0, -1, 0, 0, 1, 0, -1);
  const { covariance, shrinkage } = ledoitWolf({ values, T: 4, N: 2 });
  assertEquals(shrinkage, 0);
  assertEquals([...covariance.data], [0.5, 0, 0, 0.5]);
});

Deno.test("ledoitWolf() of two rows and two assets comes out as by hand", () => {
  // Deviations ±(2, 1): S = [[4, 2], [2, 1]], m = 2.5; distance 25 − 12.5, error (25 − 25)/2 = 0.
  const values = Float64Array.of(2, 1, -2, -1);
  const { covariance, shrinkage } = ledoitWolf({ values, T: 2, N: 2 });
  assertEquals(shrinkage, 0);
  assertEquals([...covariance.data], [4, 2, 2, 1]);
});

Deno.test("ledoitWolf() of one asset is its variance with divisor T", () => {
  const { covariance, shrinkage } = ledoitWolf({ values: Float64Array.of(1, 3), T: 2, N: 1 });
  assertEquals([shrinkage, ...covariance.data], [0, 1]);
});

Deno.test("ledoitWolf() of constant columns is zero", () => {
  const { covariance } = ledoitWolf({ values: new Float64Array(6).fill(0.1), T: 3, N: 2 });
  assertEquals([...covariance.data], [0, 0, 0, 0]);
});

Deno.test("ledoitWolf() is positive definite with more assets than rows", () => {
  const rng = createRng(7);
  const T = 5, N = 12;
  const values = Float64Array.from({ length: T * N }, () => 0.01 * rng.normal());
  const { covariance, shrinkage } = ledoitWolf({ values, T, N });
  assert(shrinkage > 0 && shrinkage <= 1);
  // Sylvester: elimination without pivoting meets only positive pivots.
  const a = covariance.data.slice();
  for (let k = 0; k < N; k++) {
    assert(a[k * N + k] > 0, `pivot ${k} is ${a[k * N + k]}`);
    for (let i = k + 1; i < N; i++) {
      const factor = a[i * N + k] / a[k * N + k];
      for (let j = k; j < N; j++) a[i * N + j] -= factor * a[k * N + j];
    }
  }
});
