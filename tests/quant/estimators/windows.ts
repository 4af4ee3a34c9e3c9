import { createRng } from "../../../src/base/rng.ts";
import type { ReturnsWindow } from "../../../src/quant/estimators/returns_window.ts";

/** Normal returns of 1 % a period with one common factor. */
export function randomWindow(seed: number, T: number, N: number): ReturnsWindow {
  const rng = createRng(seed);
  const values = new Float64Array(T * N);
  for (let t = 0; t < T; t++) {
    const factor = rng.normal();
    for (let i = 0; i < N; i++) values[t * N + i] = 0.01 * (0.6 * factor + 0.8 * rng.normal());
  }
  return { values, T, N };
}
