import type { Matrix } from "../matrix.ts";

/** How the distance between two groups of observations follows from those of their members. */
export type LinkageMethod = "ward" | "average" | "single";

/** A binary tree over n observations, by n − 1 merges of rising height. Observations are 0 … n − 1,
 * merge k makes node n + k. */
export interface Linkage {
  /** Observations (leaves). */
  readonly n: number;
  /** The lower-numbered node of each merge. */
  readonly left: Int32Array;
  /** The higher-numbered node of each merge. */
  readonly right: Int32Array;
  /** The distance at which each merge happens, never falling. */
  readonly heights: Float64Array;
  /** Leaves below each merge. */
  readonly sizes: Int32Array;
}

/** The hierarchical tree of a distance matrix, with nodes, heights and order of merges as SciPy's
 * `linkage(squareform(distances), method)`, ties included. O(n²).
 * @param distances n × n, symmetric, finite, with a zero diagonal
 * @returns an empty tree for n = 1
 * @throws {RangeError} if the matrix is empty or not square, or a distance is negative, NaN or infinite
 * Source: Müllner (2011), "Modern hierarchical, agglomerative clustering algorithms": nearest-neighbour chain
 * for ward and average, Prim's spanning tree for single. */
export function linkage(distances: Matrix, method: LinkageMethod): Linkage {
  const n = distances.rows;
  if (n < 1 || distances.cols !== n) {
    throw new RangeError(`Cannot link a ${n} × ${distances.cols} matrix: it has to be square`);
  }
  for (const distance of distances.data) {
    if (!(distance >= 0 && distance < Infinity)) {
      throw new RangeError(`Cannot link at a distance that is not finite and >= 0: ${distance}`);
    }
  }
  const merges = method === "single"
    ? spanningTree(distances.data, n)
    : neighbourChain(distances.data.slice(), n, method);
  return numberNodes(merges, n);
}

/** The leaves from left to right, as SciPy's `leaves_list`.
 * @returns a permutation of 0 … n − 1 in which the leaves of every node are contiguous */
export function leafOrder(tree: Linkage): Int32Array {
  const order = new Int32Array(tree.n);
  const stack = [2 * tree.n - 2];
  let placed = 0;
  while (stack.length > 0) {
    const node = stack.pop() as number;
    if (node < tree.n) order[placed++] = node;
    else stack.push(tree.right[node - tree.n], tree.left[node - tree.n]);
  }
  return order;
}

/** Merges by any member of either side, in the order of their discovery. */
interface Merges {
  readonly a: Int32Array;
  readonly b: Int32Array;
  readonly heights: Float64Array;
}

function emptyMerges(n: number): Merges {
  return {
    a: new Int32Array(n - 1),
    b: new Int32Array(n - 1),
    heights: new Float64Array(n - 1),
  };
}

/** Follows nearest neighbours until two are mutual, merges them into the higher slot, and goes on.
 * Overwrites the distances. */
function neighbourChain(d: Float64Array, n: number, method: "ward" | "average"): Merges {
  const merges = emptyMerges(n);
  const update = method === "ward" ? updateWard : updateAverage;
  const sizes = new Float64Array(n).fill(1);
  const alive = Int32Array.from({ length: n }, (_, i) => i);
  const chain = new Int32Array(n);
  let aliveCount = n;
  let length = 0;
  for (let k = 0; k < n - 1; k++) {
    if (length === 0) chain[length++] = alive[0];
    for (;;) {
      const x = chain[length - 1];
      const row = x * n;
      // The predecessor wins ties, or the chain could run in a circle.
      let nearest = length > 1 ? chain[length - 2] : -1;
      let least = length > 1 ? d[row + nearest] : Infinity;
      for (let p = 0; p < aliveCount; p++) {
        const i = alive[p];
        if (d[row + i] < least && i !== x) {
          least = d[row + i];
          nearest = i;
        }
      }
      if (length > 1 && nearest === chain[length - 2]) {
        merges.a[k] = Math.min(x, nearest);
        merges.b[k] = Math.max(x, nearest);
        merges.heights[k] = least;
        break;
      }
      chain[length++] = nearest;
    }
    length -= 2;
    update(d, n, alive, aliveCount, sizes, merges.a[k], merges.b[k]);
    sizes[merges.b[k]] += sizes[merges.a[k]];
    aliveCount = remove(alive, aliveCount, merges.a[k]);
  }
  return merges;
}

function remove(alive: Int32Array, count: number, slot: number): number {
  const position = alive.subarray(0, count).indexOf(slot);
  alive.copyWithin(position, position + 1, count);
  return count - 1;
}

type DistanceUpdate = (
  d: Float64Array,
  n: number,
  alive: Int32Array,
  aliveCount: number,
  sizes: Float64Array,
  x: number,
  y: number,
) => void;

const updateWard: DistanceUpdate = (d, n, alive, aliveCount, sizes, x, y) => {
  const between = d[x * n + y];
  for (let p = 0; p < aliveCount; p++) {
    const i = alive[p];
    if (i === x || i === y) continue;
    const dx = d[x * n + i], dy = d[y * n + i];
    const t = 1 / (sizes[x] + sizes[y] + sizes[i]);
    const distance = Math.sqrt(
      (sizes[i] + sizes[x]) * t * dx * dx + (sizes[i] + sizes[y]) * t * dy * dy -
        sizes[i] * t * between * between,
    );
    d[y * n + i] = distance;
    d[i * n + y] = distance;
  }
};

const updateAverage: DistanceUpdate = (d, n, alive, aliveCount, sizes, x, y) => {
  const total = sizes[x] + sizes[y];
  for (let p = 0; p < aliveCount; p++) {
    const i = alive[p];
    if (i === x || i === y) continue;
    const distance = (sizes[x] * d[x * n + i] + sizes[y] * d[y * n + i]) / total;
    d[y * n + i] = distance;
    d[i * n + y] = distance;
  }
};

function spanningTree(d: Float64Array, n: number): Merges {
  const merges = emptyMerges(n);
  const reached = new Uint8Array(n);
  const best = new Float64Array(n).fill(Infinity);
  let x = 0;
  for (let k = 0; k < n - 1; k++) {
    reached[x] = 1;
    let least = Infinity, nearest = -1;
    for (let i = 0; i < n; i++) {
      if (reached[i] === 1) continue;
      best[i] = Math.min(best[i], d[x * n + i]);
      if (best[i] < least) {
        least = best[i];
        nearest = i;
      }
    }
    merges.a[k] = x;
    merges.b[k] = nearest;
    merges.heights[k] = least;
    x = nearest;
  }
  return merges;
}

/** Sorts merges by height (stable) and names each side by the node that it has become. */
function numberNodes(merges: Merges, n: number): Linkage {
  const count = n - 1;
  const order = Array.from({ length: count }, (_, k) => k)
    .sort((p, q) => merges.heights[p] - merges.heights[q]);
  const left = new Int32Array(count), right = new Int32Array(count);
  const sizes = new Int32Array(count), heights = new Float64Array(count);
  const parent = Int32Array.from({ length: n + count }, (_, i) => i);
  const root = (node: number): number => {
    let top = node;
    while (parent[top] !== top) top = parent[top];
    while (parent[node] !== top) {
      const next = parent[node];
      parent[node] = top;
      node = next;
    }
    return top;
  };
  const sizeOf = (node: number): number => node < n ? 1 : sizes[node - n];
  order.forEach((k, position) => {
    const a = root(merges.a[k]), b = root(merges.b[k]);
    left[position] = Math.min(a, b);
    right[position] = Math.max(a, b);
    heights[position] = merges.heights[k];
    sizes[position] = sizeOf(a) + sizeOf(b);
    parent[a] = n + position;
    parent[b] = n + position;
  });
  return { n, left, right, heights, sizes };
}
