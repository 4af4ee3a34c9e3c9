import { assertEquals, assertThrows } from "@std/assert";
import { cutLinkage } from "../../../src/quant/clustering/cut_linkage.ts";
import type { Linkage } from "../../../src/quant/clustering/linkage.ts";

/** {0, 1} at 1, {2, 3} at 2, all at 5. */
const tree: Linkage = {
  n: 4,
  left: Int32Array.of(0, 2, 4),
  right: Int32Array.of(1, 3, 5),
  heights: Float64Array.of(1, 2, 5),
  sizes: Int32Array.of(2, 2, 4),
};

Deno.test("cutLinkage() keeps merges at or below the height", () => {
  assertEquals([...cutLinkage(tree, 0.5, 25).labels], [0, 1, 2, 3]);
  assertEquals([...cutLinkage(tree, 1, 25).labels], [0, 0, 1, 2]);
  assertEquals([...cutLinkage(tree, 4.9, 25).labels], [0, 0, 1, 1]);
  assertEquals([...cutLinkage(tree, 5, 25).labels], [0, 0, 0, 0]);
});

Deno.test("cutLinkage() goes up to the lowest merge that leaves no more than maxClusters", () => {
  assertEquals(cutLinkage(tree, 0, 3), { labels: Int32Array.of(0, 0, 1, 2), count: 3, height: 1 });
  assertEquals(cutLinkage(tree, 0, 2).height, 2);
  assertEquals(cutLinkage(tree, 0, 1).count, 1);
});

Deno.test("cutLinkage() gives one cluster to one observation", () => {
  const empty = { left: new Int32Array(), right: new Int32Array(), sizes: new Int32Array() };
  const single = { n: 1, heights: new Float64Array(), ...empty };
  assertEquals([...cutLinkage(single, 0.7, 25).labels], [0]);
});

Deno.test("cutLinkage() refuses a negative height and no clusters", () => {
  assertThrows(() => cutLinkage(tree, -1, 3), RangeError, "-1");
  assertThrows(() => cutLinkage(tree, NaN, 3), RangeError, "NaN");
  assertThrows(() => cutLinkage(tree, 1, 0), RangeError, "it is 0");
});
