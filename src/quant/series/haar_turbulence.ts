/** The share of energy in the finest detail of the Haar wavelet transform: Σ((x₂ₖ₊₁ − x₂ₖ)/√2)² / Σx². 0.5 for noise,
 * less where neighbours resemble each other, more where they alternate. An odd first value is left out, so that the
 * newest ones count.
 * @param values T values, for instance returns
 * @returns NaN for fewer than 2 values or when all are 0
 * Source: Percival, Walden (2000), "Wavelet Methods for Time Series Analysis", 4.4. */
export function haarTurbulence(values: Float64Array): number {
  let detail = 0, total = 0;
  for (let t = values.length % 2; t + 1 < values.length; t += 2) {
    const difference = values[t + 1] - values[t];
    detail += difference * difference / 2;
    total += values[t] * values[t] + values[t + 1] * values[t + 1];
  }
  return total === 0 ? NaN : detail / total;
}
