import { assert, assertAlmostEquals, assertEquals, assertLess } from "@std/assert";
import { createRng } from "../../../src/base/rng.ts";
import { denoisedCovariance } from "../../../src/quant/estimators/denoised_covariance.ts";
import { sampleCovariance } from "../../../src/quant/estimators/sample_covariance.ts";
import { symmetricEigen } from "../../../src/quant/estimators/symmetric_eigen.ts";
import { randomWindow } from "./windows.ts";

Deno.test("denoisedCovariance() keeps the one factor of one-factor returns, and the variances", () => {
  const window = randomWindow(5, 400, 40);
  const { covariance, factors, noiseVariance } = denoisedCovariance(window);
  assertEquals(factors, 1);
  // Of the variance 1 of each, the factor explains 0.36.
  assertAlmostEquals(noiseVariance, 0.64, 0.08);
  const sample = sampleCovariance(window);
  for (let i = 0; i < 40; i++) {
    assertAlmostEquals(covariance.data[i * 41], sample.data[i * 41], 1e-15);
  }
});

Deno.test("denoisedCovariance() of pure noise has next to no correlations", () => {
  const rng = createRng(8);
  const window = {
    values: Float64Array.from({ length: 300 * 30 }, () => rng.normal()),
    T: 300,
    N: 30,
  };
  const { covariance } = denoisedCovariance(window);
  let largest = 0;
  for (let i = 0; i < 30; i++) {
    for (let j = 0; j < i; j++) largest = Math.max(largest, Math.abs(covariance.data[i * 30 + j]));
  }
  assertLess(largest, 0.1);
});

Deno.test("denoisedCovariance() is finite and positive semidefinite for N > T, twins and constants", () => {
  const { values, T, N } = randomWindow(7, 12, 20);
  for (let t = 0; t < T; t++) {
    values[t * N + 1] = values[t * N];
    values[t * N + 2] = 0.001;
  }
  const { covariance } = denoisedCovariance({ values, T, N });
  assert(covariance.data.every(Number.isFinite));
  assertEquals(covariance.data[2 * N + 2], 0);
  assertLess(-1e-15, symmetricEigen(covariance).values[0]);
});
