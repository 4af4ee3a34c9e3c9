import { assertAlmostEquals, assertEquals, assertThrows } from "@std/assert";
import fc from "fast-check";
import { createRng } from "../../../src/base/rng.ts";
import { symmetricEigen } from "../../../src/quant/estimators/symmetric_eigen.ts";

Deno.test("symmetricEigen() of [[2, 1], [1, 2]] is 1 and 3, along the diagonals", () => {
  const { values, vectors } = symmetricEigen({
    rows: 2,
    cols: 2,
    data: Float64Array.of(2, 1, 1, 2),
  });
  assertAlmostEquals(values[0], 1, 1e-14);
  assertAlmostEquals(values[1], 3, 1e-14);
  assertAlmostEquals(vectors.data[0] * vectors.data[1], -0.5, 1e-14);
  assertAlmostEquals(vectors.data[2] * vectors.data[3], 0.5, 1e-14);
});

Deno.test("symmetricEigen() gives back any symmetric matrix, from orthonormal vectors and rising values", () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 24 }),
      fc.integer({ min: 1, max: 1e9 }),
      fc.boolean(),
      (n, seed, singular) => {
        const rng = createRng(seed);
        const data = new Float64Array(n * n);
        for (let i = 0; i < n; i++) {
          for (let j = 0; j <= i; j++) {
            data[i * n + j] = data[j * n + i] = singular ? 1 : rng.normal();
          }
        }
        const { values, vectors: { data: v } } = symmetricEigen({ rows: n, cols: n, data });
        for (let i = 0; i < n; i++) {
          for (let j = 0; j < n; j++) {
            let entry = 0, product = 0;
            for (let k = 0; k < n; k++) {
              entry += values[k] * v[k * n + i] * v[k * n + j];
              product += v[i * n + k] * v[j * n + k];
            }
            assertAlmostEquals(entry, data[i * n + j], 1e-11);
            assertAlmostEquals(product, i === j ? 1 : 0, 1e-11);
          }
        }
        assertEquals([...values], [...values].sort((a, b) => a - b));
      },
    ),
    { numRuns: 60, seed: 11 },
  );
});

Deno.test("symmetricEigen() refuses a matrix that is not square", () => {
  const matrix = { rows: 1, cols: 2, data: new Float64Array(2) };
  assertThrows(() => symmetricEigen(matrix), RangeError, "1 × 2");
});
