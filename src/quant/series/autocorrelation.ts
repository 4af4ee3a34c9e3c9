import { mean } from "../metrics/moments.ts";

/** The autocorrelation at lag 1: Σ(xₜ − m)(xₜ₋₁ − m) / Σ(xₜ − m)².
 * @returns NaN for fewer than 2 values or when all are equal */
export function autocorrelation(values: Float64Array): number {
  if (values.length < 2 || values.every((value) => value === values[0])) return NaN;
  const center = mean(values);
  let product = 0, square = 0;
  for (let t = 0; t < values.length; t++) {
    const deviation = values[t] - center;
    square += deviation * deviation;
    if (t > 0) product += deviation * (values[t - 1] - center);
  }
  return product / square;
}
