/** Arithmetic mean. @returns NaN for no values */
export function mean(values: Float64Array): number {
  let sum = 0;
  for (const value of values) sum += value;
  return sum / values.length;
}

/** Sample standard deviation (divisor T − 1).
 * @returns exactly 0 when all values are equal, which rounding of the mean would otherwise hide;
 * NaN for fewer than 2 values */
export function sampleStd(values: Float64Array): number {
  const bars = values.length;
  if (bars < 2) return NaN;
  if (values.every((value) => value === values[0])) return 0;
  return Math.sqrt(centralSum(values, 2) / (bars - 1));
}

/** Skewness, corrected for bias (adjusted Fisher–Pearson): √(T(T−1))/(T−2) · m₃ / m₂^1.5.
 * @returns NaN for fewer than 3 values or when all are equal
 * Source: Joanes and Gill (1998), "Comparing measures of sample skewness and kurtosis", G₁. */
export function sampleSkew(values: Float64Array): number {
  const bars = values.length;
  if (bars < 3 || sampleStd(values) === 0) return NaN;
  const m2 = centralSum(values, 2) / bars;
  const m3 = centralSum(values, 3) / bars;
  return Math.sqrt(bars * (bars - 1)) / (bars - 2) * m3 / m2 ** 1.5;
}

/** Excess kurtosis, corrected for bias: (T−1)/((T−2)(T−3)) · ((T+1) m₄/m₂² − 3(T−1)); 0 for a normal.
 * @returns NaN for fewer than 4 values or when all are equal
 * Source: Joanes and Gill (1998), G₂. */
export function sampleExcessKurtosis(values: Float64Array): number {
  const bars = values.length;
  if (bars < 4 || sampleStd(values) === 0) return NaN;
  const m2 = centralSum(values, 2) / bars;
  const m4 = centralSum(values, 4) / bars;
  return (bars - 1) / ((bars - 2) * (bars - 3)) *
    ((bars + 1) * m4 / (m2 * m2) - 3 * (bars - 1));
}

/** Σ(x − mean)^power, by products: Math.pow is several times slower. */
function centralSum(values: Float64Array, power: 2 | 3 | 4): number {
  const center = mean(values);
  let sum = 0;
  for (const value of values) {
    const deviation = value - center;
    const square = deviation * deviation;
    sum += power === 2 ? square : power === 3 ? square * deviation : square * square;
  }
  return sum;
}
