import { assert, assertAlmostEquals, assertEquals } from "@std/assert";
import { createRng } from "../../../src/base/rng.ts";
import { growthOf } from "./growth.ts";

const at = (values: readonly number[]) => values.map((value, k) => ({ atMs: k * 1_000, value }));

Deno.test("growthOf() finds the slope of a line, whatever one sample says", () => {
  const line = Array.from({ length: 60 }, (_, k) => 10 + 2 * k);
  line[40] = 100_000;
  const { perMinute, total, noise } = growthOf(at(line), 0.25);
  assertAlmostEquals(perMinute, 120, 1e-6);
  assertAlmostEquals(total, 2 * 44, 1e-6);
  assertAlmostEquals(noise, 0, 1e-6);
});

Deno.test("growthOf() leaves out how things begin", () => {
  assertEquals(growthOf(at([0, 50, 90, 100, 100, 100, 100, 100]), 0.4).total, 0);
});

Deno.test("growthOf() of what only jitters is within its noise", () => {
  const rng = createRng(1);
  const { total, noise } = growthOf(at(Array.from({ length: 100 }, () => rng.next())), 0.3);
  assert(Math.abs(total) < noise, `${total} of ${noise}`);
});

Deno.test("growthOf() knows nothing of two samples", () => {
  assertEquals(growthOf(at([1, 2]), 0), { perMinute: NaN, total: NaN, noise: NaN });
});
