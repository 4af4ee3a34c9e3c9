import { assertAlmostEquals, assertEquals, assertNotEquals } from "@std/assert";
import { createRng } from "../../src/base/rng.ts";

Deno.test("createRng() repeats its sequence for a seed and differs between neighbours", () => {
  const draw = (seed: number) => Array.from({ length: 5 }, createRng(seed).next);
  assertEquals(draw(7), draw(7));
  assertNotEquals(draw(7), draw(8));
});

Deno.test("createRng() draws uniform and normal numbers with their moments", () => {
  const rng = createRng(1);
  const count = 200_000;
  let sum = 0, normalSum = 0, normalSquares = 0;
  for (let i = 0; i < count; i++) {
    sum += rng.next();
    const z = rng.normal();
    normalSum += z;
    normalSquares += z * z;
  }
  // Four standard errors: 0.2887/√count and 1/√count and √2/√count.
  assertAlmostEquals(sum / count, 0.5, 4 * 0.2887 / Math.sqrt(count));
  assertAlmostEquals(normalSum / count, 0, 4 / Math.sqrt(count));
  assertAlmostEquals(normalSquares / count, 1, 4 * Math.SQRT2 / Math.sqrt(count));
});

Deno.test("below() stays under its bound and reaches all of it", () => {
  const rng = createRng(3);
  const seen = new Set(Array.from({ length: 1000 }, () => rng.below(7)));
  assertEquals([...seen].sort(), [0, 1, 2, 3, 4, 5, 6]);
});
