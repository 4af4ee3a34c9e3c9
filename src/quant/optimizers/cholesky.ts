/** Factors a symmetric positive definite n × n matrix into LLᵀ in place: L takes the lower triangle.
 * @returns false when the matrix is not positive definite to working precision; it is then spoilt */
export function choleskyFactor(a: Float64Array, n: number): boolean {
  for (let j = 0; j < n; j++) {
    const row = j * n;
    let pivot = a[row + j];
    for (let k = 0; k < j; k++) pivot -= a[row + k] * a[row + k];
    if (!(pivot > 0 && pivot < Infinity)) return false;
    const diagonal = Math.sqrt(pivot);
    a[row + j] = diagonal;
    for (let i = j + 1; i < n; i++) {
      const other = i * n;
      let value = a[other + j];
      for (let k = 0; k < j; k++) value -= a[other + k] * a[row + k];
      a[other + j] = value / diagonal;
    }
  }
  return true;
}

/** Solves LLᵀx = b in place of b. */
export function choleskySolve(factor: Float64Array, n: number, b: Float64Array): void {
  for (let i = 0; i < n; i++) {
    let value = b[i];
    for (let k = 0; k < i; k++) value -= factor[i * n + k] * b[k];
    b[i] = value / factor[i * n + i];
  }
  for (let i = n - 1; i >= 0; i--) {
    let value = b[i];
    for (let k = i + 1; k < n; k++) value -= factor[k * n + i] * b[k];
    b[i] = value / factor[i * n + i];
  }
}
