import type { Matrix } from "../matrix.ts";

/** A symmetric matrix as V·diag(values)·Vᵀ. */
export interface SymmetricEigen {
  /** N eigenvalues, never falling. */
  readonly values: Float64Array;
  /** Row k is the unit eigenvector of eigenvalue k. */
  readonly vectors: Matrix;
}

const MAX_SWEEPS = 60;

/** Eigenvalues and eigenvectors of a symmetric matrix: Householder reflections to tridiagonal form, then the QL
 * method with implicit shifts. O(N³).
 * @throws {RangeError} if the matrix is not square, or the method does not converge, as with NaN in it
 * Source: Golub, Van Loan (2013), "Matrix computations", sections 8.3.1 and 8.3.3. */
export function symmetricEigen({ rows: n, cols, data }: Matrix): SymmetricEigen {
  if (n !== cols) {
    throw new RangeError(`Cannot decompose a ${n} × ${cols} matrix: it is not square`);
  }
  const a = data.slice();
  const { diagonal, beside } = tridiagonalise(a, n);
  diagonalise(diagonal, beside, a, n);
  const order = Array.from(diagonal.keys()).sort((p, q) => diagonal[p] - diagonal[q] || p - q);
  const vectors = new Float64Array(n * n);
  order.forEach((k, position) => vectors.set(a.subarray(k * n, (k + 1) * n), position * n));
  return {
    values: Float64Array.from(order, (k) => diagonal[k]),
    vectors: { rows: n, cols: n, data: vectors },
  };
}

/** Reduces a to tridiagonal form, and leaves in it the transposed product of the reflections. */
function tridiagonalise(a: Float64Array, n: number) {
  const beside = new Float64Array(n);
  const reflections: Float64Array[] = [];
  const p = new Float64Array(n);
  for (let k = 0; k + 2 < n; k++) {
    const v = new Float64Array(n);
    let norm = 0;
    for (let i = k + 1; i < n; i++) {
      v[i] = a[i * n + k];
      norm = Math.hypot(norm, v[i]);
    }
    reflections.push(v);
    beside[k] = v[k + 1] > 0 ? -norm : norm;
    if (norm === 0) continue;
    v[k + 1] -= beside[k];
    let length = 0;
    for (let i = k + 1; i < n; i++) length = Math.hypot(length, v[i]);
    for (let i = k + 1; i < n; i++) v[i] /= length;
    // a ← (I − 2vvᵀ)·a·(I − 2vvᵀ) = a − v·qᵀ − q·vᵀ over the rows that are left.
    let along = 0;
    for (let i = k + 1; i < n; i++) {
      let sum = 0;
      for (let j = k + 1; j < n; j++) sum += a[i * n + j] * v[j];
      p[i] = 2 * sum;
      along += p[i] * v[i];
    }
    for (let i = k + 1; i < n; i++) p[i] -= along * v[i];
    for (let i = k + 1; i < n; i++) {
      for (let j = k + 1; j < n; j++) a[i * n + j] -= v[i] * p[j] + p[i] * v[j];
    }
  }
  if (n > 1) beside[n - 2] = a[(n - 1) * n + n - 2];
  const diagonal = Float64Array.from({ length: n }, (_, i) => a[i * n + i]);
  accumulate(a, reflections, n);
  return { diagonal, beside };
}

/** Writes the product of the reflections into q, transposed: it is built from the last to the first. */
function accumulate(q: Float64Array, reflections: readonly Float64Array[], n: number): void {
  q.fill(0);
  for (let i = 0; i < n; i++) q[i * n + i] = 1;
  for (let k = reflections.length - 1; k >= 0; k--) {
    const v = reflections[k];
    for (let i = k + 1; i < n; i++) {
      let sum = 0;
      for (let j = k + 1; j < n; j++) sum += q[i * n + j] * v[j];
      if (sum === 0) continue;
      for (let j = k + 1; j < n; j++) q[i * n + j] -= 2 * sum * v[j];
    }
  }
}

/** Chases the off-diagonal to zero; the rotations act on rows of q. */
function diagonalise(d: Float64Array, e: Float64Array, q: Float64Array, n: number): void {
  for (let low = 0; low < n; low++) {
    for (let sweep = 0;; sweep++) {
      let split = low;
      while (split + 1 < n && !isNegligible(e[split], d[split], d[split + 1])) split++;
      if (split === low) break;
      if (sweep === MAX_SWEEPS) {
        throw new RangeError(
          `Cannot decompose a ${n} × ${n} matrix: no eigenvalue after ${MAX_SWEEPS} sweeps`,
        );
      }
      sweepBlock(d, e, q, n, low, split);
    }
  }
}

function isNegligible(beside: number, above: number, below: number): boolean {
  return Math.abs(beside) <= Number.EPSILON * (Math.abs(above) + Math.abs(below)) ||
    beside === 0;
}

/** One implicit QL sweep over rows low … high. */
function sweepBlock(
  d: Float64Array,
  e: Float64Array,
  q: Float64Array,
  n: number,
  low: number,
  high: number,
): void {
  const half = (d[low + 1] - d[low]) / (2 * e[low]);
  const radius = Math.hypot(half, 1);
  const shift = d[low] - e[low] / (half + (half >= 0 ? radius : -radius));
  let g = d[high] - shift, s = 1, c = 1, carried = 0;
  for (let i = high - 1; i >= low; i--) {
    const f = s * e[i], b = c * e[i];
    const r = Math.hypot(f, g);
    e[i + 1] = r;
    if (r === 0) {
      d[i + 1] -= carried;
      e[high] = 0;
      return;
    }
    s = f / r;
    c = g / r;
    const h = d[i + 1] - carried;
    const t = (d[i] - h) * s + 2 * c * b;
    carried = s * t;
    d[i + 1] = h + carried;
    g = c * t - b;
    rotateRows(q, n, i, c, s);
  }
  d[low] -= carried;
  e[low] = g;
  e[high] = 0;
}

function rotateRows(q: Float64Array, n: number, i: number, c: number, s: number): void {
  const upper = i * n, lower = upper + n;
  for (let k = 0; k < n; k++) {
    const f = q[lower + k], g = q[upper + k];
    q[lower + k] = s * g + c * f;
    q[upper + k] = c * g - s * f;
  }
}
