import { assertEquals, assertThrows } from "@std/assert";
import { leafOrder } from "../../../src/quant/clustering/linkage.ts";
import { pruneLinkage } from "../../../src/quant/clustering/prune_linkage.ts";

/** ((0, 2), (1, 3)). */
const tree = {
  n: 4,
  left: Int32Array.of(0, 1, 4),
  right: Int32Array.of(2, 3, 5),
  heights: Float64Array.of(1, 2, 3),
  sizes: Int32Array.of(2, 2, 4),
};

Deno.test("pruneLinkage() to all leaves is the tree", () => {
  assertEquals(pruneLinkage(tree, [0, 1, 2, 3]), tree);
});

Deno.test("pruneLinkage() puts the side that is left in place of its node", () => {
  const pruned = pruneLinkage(tree, [0, 1, 3]);
  assertEquals([...pruned.heights], [2, 3]);
  assertEquals([...pruned.sizes], [2, 3]);
  assertEquals([...leafOrder(pruned)], [0, 1, 2]);
});

Deno.test("pruneLinkage() to one leaf has no merges, and none at all is refused", () => {
  assertEquals(pruneLinkage(tree, [2]).heights.length, 0);
  assertThrows(() => pruneLinkage(tree, []), RangeError, "at least 1");
  assertThrows(() => pruneLinkage(tree, [4]), RangeError, "leaf 4 of a tree of 4");
});
