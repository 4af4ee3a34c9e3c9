/** Rows and columns that are updated at once: each value read is used as often. */
const TILE = 4;

/** Factors a symmetric positive definite n × n matrix into LLᵀ in place: L takes the lower triangle.
 * @returns false when the matrix is not positive definite to working precision; it is then spoilt */
export function choleskyFactor(a: Float64Array, n: number): boolean {
  for (let j = 0; j < n; j += TILE) {
    const width = Math.min(TILE, n - j);
    let i = j;
    if (width === TILE) {
      for (; i + TILE <= n; i += TILE) subtractTile(a, n, i, j);
    }
    for (; i < n; i++) {
      for (let c = j; c < j + width; c++) a[i * n + c] -= rowProduct(a, i * n, c * n, 0, j);
    }
    if (!factorPanel(a, n, j, width)) return false;
  }
  return true;
}

/** a[i…i+3, j…j+3] −= L[i…i+3, 0…j−1]·L[j…j+3, 0…j−1]ᵀ. */
function subtractTile(a: Float64Array, n: number, i: number, j: number): void {
  for (let half = 0; half < TILE; half += 2) {
    const u = (j + half) * n, v = u + n;
    const p = i * n, q = p + n, r = q + n, s = r + n;
    let pu = 0, pv = 0, qu = 0, qv = 0, ru = 0, rv = 0, su = 0, sv = 0;
    for (let k = 0; k < j; k++) {
      const x = a[u + k], y = a[v + k];
      const ap = a[p + k], aq = a[q + k], ar = a[r + k], as = a[s + k];
      pu += ap * x;
      pv += ap * y;
      qu += aq * x;
      qv += aq * y;
      ru += ar * x;
      rv += ar * y;
      su += as * x;
      sv += as * y;
    }
    const c = j + half;
    a[p + c] -= pu;
    a[p + c + 1] -= pv;
    a[q + c] -= qu;
    a[q + c + 1] -= qv;
    a[r + c] -= ru;
    a[r + c + 1] -= rv;
    a[s + c] -= su;
    a[s + c + 1] -= sv;
  }
}

/** Finishes columns j … j + width − 1, from which all columns before them are already subtracted. */
function factorPanel(a: Float64Array, n: number, j: number, width: number): boolean {
  for (let c = j; c < j + width; c++) {
    const row = c * n;
    const pivot = a[row + c] - rowProduct(a, row, row, j, c);
    if (!(pivot > 0 && pivot < Infinity)) return false;
    const diagonal = Math.sqrt(pivot);
    a[row + c] = diagonal;
    for (let i = c + 1; i < n; i++) {
      a[i * n + c] = (a[i * n + c] - rowProduct(a, i * n, row, j, c)) / diagonal;
    }
  }
  return true;
}

function rowProduct(a: Float64Array, p: number, q: number, from: number, to: number): number {
  let sum = 0;
  for (let k = from; k < to; k++) sum += a[p + k] * a[q + k];
  return sum;
}

/** Solves LLᵀx = b in place of b. */
export function choleskySolve(factor: Float64Array, n: number, b: Float64Array): void {
  for (let i = 0; i < n; i++) {
    let value = b[i];
    for (let k = 0; k < i; k++) value -= factor[i * n + k] * b[k];
    b[i] = value / factor[i * n + i];
  }
  // Row by row, as the factor lies in memory: each solved value is taken out of all before it.
  for (let i = n - 1; i >= 0; i--) {
    const value = b[i] / factor[i * n + i];
    b[i] = value;
    for (let k = 0; k < i; k++) b[k] -= factor[i * n + k] * value;
  }
}
