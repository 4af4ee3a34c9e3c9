/** The longest lag over which a move is measured. */
const MAX_LAG = 19;

/** The Hurst exponent of the log wealth X that returns make: the generalised exponent for q = 1, that is the slope of
 * ln mean|X(t + τ) − X(t)| on ln τ over τ = 1 … min(19, ⌊T/2⌋), by least squares. 0.5 for a random walk, above for
 * one that trends (a steady drift counts as trend), below for one that returns to its mean.
 * @param returns T simple returns
 * @returns NaN for fewer than 4 returns, for one that takes all wealth, and where a lag shows no move at all
 * Source: Di Matteo, Aste, Dacorogna (2003), "Scaling behaviors in differently developed markets". Departure: one fit up
 * to lag 19, where they average the fits up to 5 … 19. */
export function hurstExponent(returns: Float64Array): number {
  const maxLag = Math.min(MAX_LAG, Math.floor(returns.length / 2));
  if (maxLag < 2) return NaN;
  const path = logWealth(returns);
  let sumX = 0, sumY = 0, sumXX = 0, sumXY = 0;
  for (let lag = 1; lag <= maxLag; lag++) {
    const x = Math.log(lag), y = Math.log(meanMove(path, lag));
    if (!Number.isFinite(y)) return NaN;
    sumX += x;
    sumY += y;
    sumXX += x * x;
    sumXY += x * y;
  }
  return (maxLag * sumXY - sumX * sumY) / (maxLag * sumXX - sumX * sumX);
}

/** The logarithm of the wealth that 1 grows to: T + 1 values from 0 on.
 * @param returns T simple returns; at −1 or below the path ends in −Infinity or NaN */
export function logWealth(returns: Float64Array): Float64Array {
  const path = new Float64Array(returns.length + 1);
  returns.forEach((value, t) => path[t + 1] = path[t] + Math.log1p(value));
  return path;
}

function meanMove(path: Float64Array, lag: number): number {
  let sum = 0;
  for (let t = lag; t < path.length; t++) sum += Math.abs(path[t] - path[t - lag]);
  return sum / (path.length - lag);
}
