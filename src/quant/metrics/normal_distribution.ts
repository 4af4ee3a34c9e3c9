/** Below this the series is exact; beyond it the series would lose the lower tail to cancellation. */
const SERIES_BELOW = 1;
/** Enough for the continued fraction to converge to the last bit at SERIES_BELOW. */
const MAX_TERMS = 300;
/** Newton's steps from the median: about x²/2, so enough for the smallest normal probability. */
const MAX_STEPS = 1000;

/** Density of the standard normal distribution. */
export function normalPdf(x: number): number {
  return Math.exp(-x * x / 2) / Math.sqrt(2 * Math.PI);
}

/** Distribution function of the standard normal: P(X <= x), with a relative error of about 1e-13 in
 * the lower tail too.
 * Source: Abramowitz and Stegun (1964), 26.2.11 (series) and 26.2.14 (continued fraction). */
export function normalCdf(x: number): number {
  if (Number.isNaN(x)) return NaN;
  if (x < -SERIES_BELOW) return lowerTail(-x);
  if (x > SERIES_BELOW) return 1 - lowerTail(x);
  // 1/2 + φ(x) (x + x³/3 + x⁵/(3·5) + …)
  let term = x;
  let sum = x;
  for (let k = 3; Math.abs(term) > Math.abs(sum) * 1e-17 && k < MAX_TERMS; k += 2) {
    term *= x * x / k;
    sum += term;
  }
  return 0.5 + normalPdf(x) * sum;
}

/** The x with P(X <= x) = p.
 * @param p a probability
 * @returns ∓Infinity for 0 and 1
 * @throws {RangeError} if p is not in [0, 1] */
export function normalQuantile(p: number): number {
  if (!(p >= 0 && p <= 1)) {
    throw new RangeError(
      `Cannot compute a normal quantile: p must be in [0, 1]: current value is ${p}`,
    );
  }
  if (p === 0) return -Infinity;
  if (p > 0.5) return -normalQuantile(1 - p);
  // Left of the median the distribution function is convex: Newton's steps from the median go down
  // to the root and never past it.
  let x = 0;
  for (let step = 0; step < MAX_STEPS; step++) {
    const next = x - (normalCdf(x) - p) / normalPdf(x);
    if (!(next < x)) return x;
    x = next;
  }
  return x;
}

/** P(X <= −x) for large x: φ(x) / (x + 1/(x + 2/(x + 3/(x + …)))), evaluated from the inside. */
function lowerTail(x: number): number {
  let fraction = x;
  for (let k = MAX_TERMS; k >= 1; k--) fraction = x + k / fraction;
  return normalPdf(x) / fraction;
}
