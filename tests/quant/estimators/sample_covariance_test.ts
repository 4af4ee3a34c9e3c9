import { assert, assertAlmostEquals, assertEquals } from "@std/assert";
import fc from "fast-check";
import { sampleCovariance } from "../../../src/quant/estimators/sample_covariance.ts";

Deno.test("sampleCovariance() divides by T - 1", () => {
  // Columns 1, 2, 3 and 2, 4, 9: deviations -1, 0, 1 and -3, -1, 4.
  const values = Float64Array.of(1, 2, 2, 4, 3, 9);
  const { data } = sampleCovariance({ values, T: 3, N: 2 });
  assertEquals([...data], [1, 3.5, 3.5, 13]);
});

Deno.test("sampleCovariance() is exactly zero for a constant column whose mean does not round", () => {
  const values = Float64Array.of(0.1, 1, 0.1, 2, 0.1, 4);
  const { data } = sampleCovariance({ values, T: 3, N: 2 });
  assertEquals([...data.subarray(0, 3)], [0, 0, 0]);
});

Deno.test("sampleCovariance() agrees with the definition for every N, and is symmetric to the bit", () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 9 }),
      fc.integer({ min: 2, max: 12 }),
      fc.infiniteStream(fc.double({ min: -1, max: 1, noNaN: true })),
      (N, T, stream) => {
        const values = Float64Array.from({ length: T * N }, () => stream.next().value as number);
        const { data } = sampleCovariance({ values, T, N });
        for (let i = 0; i < N; i++) {
          for (let j = 0; j < N; j++) {
            assertAlmostEquals(data[i * N + j], covarianceOf(values, T, N, i, j), 1e-12);
            assert(data[i * N + j] === data[j * N + i]);
          }
        }
      },
    ),
    { numRuns: 60, seed: 1 },
  );
});

function covarianceOf(values: Float64Array, T: number, N: number, i: number, j: number): number {
  const column = (k: number) => Array.from({ length: T }, (_, t) => values[t * N + k]);
  const mean = (k: number) => column(k).reduce((sum, value) => sum + value, 0) / T;
  const [mi, mj] = [mean(i), mean(j)];
  return column(i).reduce((sum, value, t) => sum + (value - mi) * (column(j)[t] - mj), 0) /
    (T - 1);
}
