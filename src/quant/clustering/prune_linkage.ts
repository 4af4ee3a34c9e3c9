import type { Linkage } from "./linkage.ts";

/** The tree over some of its leaves: a node of which only one side is left becomes that side.
 * @param kept leaves, rising and each once, at least one; leaf kept[k] becomes leaf k
 * @throws {RangeError} if none is kept, or one is no leaf of the tree */
export function pruneLinkage(tree: Linkage, kept: ArrayLike<number>): Linkage {
  const n = kept.length;
  if (n === 0) throw new RangeError("Cannot prune a tree to no leaves: at least 1 must be kept");
  const nodes = new Int32Array(2 * tree.n - 1).fill(-1);
  for (let k = 0; k < n; k++) {
    if (!(kept[k] >= 0 && kept[k] < tree.n)) {
      throw new RangeError(`Cannot keep leaf ${kept[k]} of a tree of ${tree.n} leaves`);
    }
    nodes[kept[k]] = k;
  }
  const left = new Int32Array(n - 1), right = new Int32Array(n - 1);
  const heights = new Float64Array(n - 1), sizes = new Int32Array(n - 1);
  let merges = 0;
  for (let merge = 0; merge < tree.n - 1; merge++) {
    const a = nodes[tree.left[merge]], b = nodes[tree.right[merge]];
    if (a < 0 || b < 0) {
      nodes[tree.n + merge] = Math.max(a, b);
      continue;
    }
    left[merges] = a;
    right[merges] = b;
    heights[merges] = tree.heights[merge];
    sizes[merges] = (a < n ? 1 : sizes[a - n]) + (b < n ? 1 : sizes[b - n]);
    nodes[tree.n + merge] = n + merges++;
  }
  return { n, left, right, heights, sizes };
}
