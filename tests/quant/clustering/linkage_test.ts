import { assert, assertAlmostEquals, assertEquals, assertThrows } from "@std/assert";
import fc from "fast-check";
import { createRng } from "../../../src/base/rng.ts";
import { leafOrder, linkage, type LinkageMethod } from "../../../src/quant/clustering/linkage.ts";
import type { Matrix } from "../../../src/quant/matrix.ts";
import references from "../../reference/optimizers/references.json" with { type: "json" };

/** The distances of points on a line. */
function onLine(...points: number[]): Matrix {
  const n = points.length;
  const data = Float64Array.from(
    { length: n * n },
    (_, k) => Math.abs(points[Math.floor(k / n)] - points[k % n]),
  );
  return { rows: n, cols: n, data };
}

const METHODS: readonly LinkageMethod[] = ["ward", "average", "single"];

for (const method of METHODS) {
  Deno.test(`linkage() by ${method} gives SciPy's nodes, heights and leaf order on real returns`, () => {
    const { N, clustering } = references;
    const tree = linkage(
      { rows: N, cols: N, data: Float64Array.from(clustering.distances) },
      method,
    );
    const expected = clustering[method];
    assertEquals([...tree.left], expected.left);
    assertEquals([...tree.right], expected.right);
    assertEquals([...leafOrder(tree)], expected.leafOrder);
    expected.heights.forEach((height, k) => assertAlmostEquals(tree.heights[k], height, 1e-12));
  });
}

Deno.test("linkage() merges points on a line at the heights that the formulas give", () => {
  // 0 and 1 merge at 1; 5 joins them at √((2·25 + 2·16 − 1)/3) by Ward, 4.5 by average, 4 by single.
  const points = onLine(0, 1, 5);
  assertAlmostEquals(linkage(points, "ward").heights[1], Math.sqrt(27), 1e-12);
  assertEquals(linkage(points, "average").heights[1], 4.5);
  assertEquals(linkage(points, "single").heights[1], 4);
  for (const method of METHODS) {
    const tree = linkage(points, method);
    assertEquals([...tree.left], [0, 2]);
    assertEquals([...tree.right], [1, 3]);
    assertEquals([...tree.sizes], [2, 3]);
    assertEquals([...leafOrder(tree)], [2, 0, 1]);
  }
});

Deno.test("linkage() of one observation has no merge", () => {
  const tree = linkage(onLine(3), "ward");
  assertEquals(tree.heights.length, 0);
  assertEquals([...leafOrder(tree)], [0]);
});

Deno.test("linkage() heights never fall, and its leaf order is a permutation", () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 2, max: 30 }),
      fc.integer({ min: 1, max: 1e6 }),
      fc.constantFrom(...METHODS),
      (n, seed, method) => {
        const rng = createRng(seed);
        // Few distinct values, so that ties are common.
        const tree = linkage(onLine(...Array.from({ length: n }, () => rng.below(8))), method);
        for (let k = 1; k < n - 1; k++) assert(tree.heights[k] >= tree.heights[k - 1]);
        assertEquals(
          [...leafOrder(tree)].sort((a, b) => a - b),
          Array.from({ length: n }, (_, i) => i),
        );
        assertEquals(tree.sizes[n - 2], n);
      },
    ),
    { numRuns: 100, seed: 2 },
  );
});

Deno.test("linkage() refuses what is no distance matrix", () => {
  const of = (rows: number, cols: number, ...data: number[]) =>
    linkage({ rows, cols, data: Float64Array.from(data) }, "ward");
  assertThrows(() => of(0, 0), RangeError, "0 × 0");
  assertThrows(() => of(1, 2, 0, 1), RangeError, "it has to be square");
  assertThrows(() => of(2, 2, 0, NaN, NaN, 0), RangeError, "NaN");
  assertThrows(() => of(2, 2, 0, -1, -1, 0), RangeError, "-1");
});
