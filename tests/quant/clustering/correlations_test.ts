import { assertAlmostEquals, assertEquals } from "@std/assert";
import { correlations } from "../../../src/quant/clustering/correlations.ts";

Deno.test("correlations() are Pearson's, 1 on the diagonal and 0 beside what does not move", () => {
  // Columns: x, −2x, one that does not move, and (1, 0, 0) against x = (0, 1, 2): ρ = −√3/2.
  const values = Float64Array.of(0, 0, 5, 1, 1, -2, 5, 0, 2, -4, 5, 0);
  const { data } = correlations({ values, T: 3, N: 4 });
  assertEquals([0, 5, 10, 15].map((at) => data[at]), [1, 1, 1, 1]);
  assertAlmostEquals(data[1], -1, 1e-15);
  assertEquals([data[2], data[11]], [0, 0]);
  assertAlmostEquals(data[3], -Math.sqrt(3) / 2, 1e-15);
  assertEquals(data[3], data[12]);
});
