import { assertEquals, assertThrows } from "@std/assert";
import { pathTargets } from "../../../src/quant/walk_forward/path_targets.ts";

const GROUPS = [{ from: 0, to: 3 }, { from: 3, to: 6 }, { from: 6, to: 8 }];
const A = Float64Array.of(1, 0), B = Float64Array.of(0, 1);

Deno.test("pathTargets() holds in each group what the split that tests it there was trained to", () => {
  assertEquals(pathTargets(GROUPS, [0, 1, 0], [A, B], 2, 2), [
    { row: 0, weights: A },
    { row: 2, weights: A },
    { row: 3, weights: B },
    { row: 5, weights: B },
    { row: 6, weights: A },
  ]);
});

Deno.test("pathTargets() keeps what is held over splits without a solution, and begins with cash if it must", () => {
  const cash = new Float64Array(2);
  assertEquals(pathTargets(GROUPS, [1, 0, 1], [A, undefined], 2, 10), [
    { row: 0, weights: cash },
    { row: 3, weights: A },
  ]);
});

Deno.test("pathTargets() refuses a step and a path that do not fit", () => {
  assertThrows(() => pathTargets(GROUPS, [0, 0, 0], [A], 2, 0), RangeError, "current value is 0");
  assertThrows(
    () => pathTargets(GROUPS, [0], [A], 2, 1),
    RangeError,
    "it names 1 splits for 3 groups",
  );
});
