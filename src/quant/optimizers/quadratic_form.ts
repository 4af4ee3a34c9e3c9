import type { Matrix } from "../matrix.ts";

/** Σw. */
export function multiply(matrix: Matrix, vector: Float64Array): Float64Array {
  const { rows, cols, data } = matrix;
  const product = new Float64Array(rows);
  for (let i = 0; i < rows; i++) {
    let sum = 0;
    for (let j = 0; j < cols; j++) sum += data[i * cols + j] * vector[j];
    product[i] = sum;
  }
  return product;
}

/** aᵀb. */
export function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i] * b[i];
  return sum;
}

/** The mean of a square matrix's positive diagonal entries; 1 when there is none, so that it can divide. */
export function meanDiagonal({ rows, data }: Matrix): number {
  let sum = 0, count = 0;
  for (let i = 0; i < rows; i++) {
    if (data[i * rows + i] > 0) {
      sum += data[i * rows + i];
      count++;
    }
  }
  return count > 0 ? sum / count : 1;
}

/** The rows and columns of some indices. */
export function submatrix({ cols, data }: Matrix, indices: ArrayLike<number>): Matrix {
  const n = indices.length;
  const picked = new Float64Array(n * n);
  for (let a = 0; a < n; a++) {
    for (let b = 0; b < n; b++) picked[a * n + b] = data[indices[a] * cols + indices[b]];
  }
  return { rows: n, cols: n, data: picked };
}
