import { assertEquals, assertThrows } from "@std/assert";
import fc from "fast-check";
import { inclusionPath, merkleRoot, rootOfPath } from "../../src/ledger/merkle.ts";

/** The leaves and roots of the reference tests of Certificate Transparency (google/certificate-transparency,
 * merkletree/merkle_tree_test.cc), which RFC 6962 describes. */
const LEAVES = [
  "",
  "00",
  "10",
  "2021",
  "3031",
  "40414243",
  "5051525354555657",
  "606162636465666768696a6b6c6d6e6f",
].map((digits) => Uint8Array.fromHex(digits));

const ROOTS: readonly [size: number, root: string][] = [
  [0, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"],
  [1, "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d"],
  [2, "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125"],
  [8, "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328"],
];

Deno.test("merkleRoot() has the roots of the reference tests of Certificate Transparency", () => {
  for (const [size, root] of ROOTS) {
    assertEquals(merkleRoot(LEAVES.slice(0, size)).toHex(), root);
  }
});

const trees = fc.array(fc.uint8Array({ maxLength: 40 }), { minLength: 1, maxLength: 70 });

Deno.test("rootOfPath() leads from every leaf of a tree of any size to its root", () => {
  fc.assert(
    fc.property(trees, (leaves) => {
      const root = merkleRoot(leaves).toHex();
      leaves.forEach((leaf, index) => {
        const path = inclusionPath(leaves, index);
        assertEquals(rootOfPath(leaf, index, leaves.length, path)?.toHex(), root);
        assertEquals(path.length <= Math.ceil(Math.log2(leaves.length)), true);
      });
    }),
    { numRuns: 30 },
  );
});

Deno.test("rootOfPath() leads elsewhere from another leaf, another place, or with a changed path", () => {
  fc.assert(
    fc.property(trees, fc.nat(), fc.nat({ max: 31 }), (leaves, pick, at) => {
      const size = leaves.length;
      const index = pick % size;
      const root = merkleRoot(leaves).toHex();
      const path = inclusionPath(leaves, index);
      const lead = (leaf: Uint8Array, place: number, siblings: readonly Uint8Array[]) =>
        rootOfPath(leaf, place, size, siblings)?.toHex();
      const leaf = leaves[index]!;
      assertEquals(lead(Uint8Array.of(...leaf, 1), index, path) === root, false);
      assertEquals(lead(leaf, size, path), undefined);
      assertEquals(lead(leaf, index, [...path, new Uint8Array(32)]), undefined);
      if (path.length === 0) return;
      assertEquals(lead(leaf, index, path.slice(1)), undefined);
      const changed = path.with(-1, path.at(-1)!.map((byte, i) => i === at ? byte ^ 1 : byte));
      assertEquals(lead(leaf, index, changed) === root, false);
      assertEquals(lead(leaf, index, path.with(0, new Uint8Array(31))), undefined);
    }),
    { numRuns: 60 },
  );
});

Deno.test("inclusionPath() refuses a leaf that is not there", () => {
  for (const index of [-1, 8, 1.5, NaN]) {
    assertThrows(() => inclusionPath(LEAVES, index), RangeError, "the tree has 8 leaves");
  }
});
