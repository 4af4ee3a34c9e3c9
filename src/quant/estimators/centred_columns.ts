import type { ReturnsWindow } from "./returns_window.ts";

/** A window turned on its side with its means removed: N contiguous rows of T deviations.
 * A column of one repeated value is exactly zero, whatever the rounding of its mean. */
export function centredColumns({ values, T, N }: ReturnsWindow): Float64Array {
  const columns = new Float64Array(N * T);
  for (let i = 0; i < N; i++) {
    const first = values[i];
    let sum = 0;
    let constant = true;
    for (let t = 0; t < T; t++) {
      const value = values[t * N + i];
      sum += value;
      if (value !== first) constant = false;
    }
    if (constant) continue;
    const mean = sum / T;
    for (let t = 0; t < T; t++) columns[i * T + t] = values[t * N + i] - mean;
  }
  return columns;
}

/** The inner products of all pairs of N rows of length T.
 * @returns N × N, symmetric to the bit */
export function gramMatrix(rows: Float64Array, N: number, T: number): Float64Array {
  const gram = new Float64Array(N * N);
  const set = (i: number, j: number, value: number): void => {
    gram[i * N + j] = value;
    gram[j * N + i] = value;
  };
  let i = 0;
  // Two by two rows at a time: each value read is used twice, which halves the memory traffic.
  for (; i + 1 < N; i += 2) {
    const a = i * T, b = a + T;
    let j = i;
    for (; j + 1 < N; j += 2) {
      const c = j * T, d = c + T;
      let ac = 0, ad = 0, bc = 0, bd = 0;
      for (let t = 0; t < T; t++) {
        const x = rows[a + t], y = rows[b + t], u = rows[c + t], v = rows[d + t];
        ac += x * u;
        ad += x * v;
        bc += y * u;
        bd += y * v;
      }
      set(i, j, ac);
      set(i, j + 1, ad);
      set(i + 1, j, bc);
      set(i + 1, j + 1, bd);
    }
    if (j < N) {
      set(i, j, dot(rows, a, j * T, T));
      set(i + 1, j, dot(rows, b, j * T, T));
    }
  }
  if (i < N) set(i, i, dot(rows, i * T, i * T, T));
  return gram;
}

function dot(rows: Float64Array, a: number, b: number, T: number): number {
  let sum = 0;
  for (let t = 0; t < T; t++) sum += rows[a + t] * rows[b + t];
  return sum;
}
