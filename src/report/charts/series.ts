/** One point of a chart: [milliseconds since the epoch, value]. */
export type ChartPoint = readonly [number, number];

/** What a polyline is drawn from. */
export interface ReturnSeries {
  /** T bars, seconds since the epoch, ascending. */
  readonly timestampsS: readonly number[];
  /** T simple returns, as fractions. */
  readonly returns: readonly number[];
}

/** Growth of 1: T + 1 points, the first being 1 one bar before the first return; none for an empty series.
 * A missing return (NaN) leaves wealth as it was. */
export function wealthPoints(series: ReturnSeries): ChartPoint[] {
  const [first, second] = series.timestampsS;
  if (first === undefined) return [];
  const barS = second === undefined ? 86_400 : second - first;
  let wealth = 1;
  const points: ChartPoint[] = [[(first - barS) * 1000, 1]];
  series.timestampsS.forEach((timestampS, t) => {
    wealth *= 1 + finite(series.returns[t]);
    points.push([timestampS * 1000, wealth]);
  });
  return points;
}

/** Drawdowns of a growth path: value / highest value so far − 1, in [−1, 0]. */
export function drawdownPoints(wealth: readonly ChartPoint[]): ChartPoint[] {
  let peak = -Infinity;
  return wealth.map(([timeMs, value]) => {
    peak = Math.max(peak, value);
    return [timeMs, peak > 0 ? value / peak - 1 : 0];
  });
}

/** Annualised Sharpe ratio (risk-free rate 0, sample deviation) over the last year at each bar.
 * @returns T − periodsPerYear + 1 points, none if the series is shorter; bars with a flat year are left out */
export function rollingSharpePoints(series: ReturnSeries, periodsPerYear: number): ChartPoint[] {
  return rollingYear(series, periodsPerYear)
    // Below this, what is left of the variance is the rounding of the running sums.
    .filter(({ variance }) => variance > 1e-14)
    .map(({ timeMs, mean, variance }) => [
      timeMs,
      mean / Math.sqrt(variance) * Math.sqrt(periodsPerYear),
    ]);
}

/** Annualised volatility (sample deviation) over the last year at each bar.
 * @returns T − periodsPerYear + 1 points, none if the series is shorter */
export function rollingVolatilityPoints(
  series: ReturnSeries,
  periodsPerYear: number,
): ChartPoint[] {
  return rollingYear(series, periodsPerYear).map(({ timeMs, variance }) => [
    timeMs,
    Math.sqrt(Math.max(0, variance) * periodsPerYear),
  ]);
}

interface YearOfBars {
  readonly timeMs: number;
  readonly mean: number;
  readonly variance: number;
}

function rollingYear(series: ReturnSeries, periodsPerYear: number): YearOfBars[] {
  const length = Math.round(periodsPerYear);
  if (length < 2) return [];
  const years: YearOfBars[] = [];
  let sum = 0, sumOfSquares = 0;
  series.returns.forEach((value, t) => {
    const added = finite(value), removed = t >= length ? finite(series.returns[t - length]) : 0;
    sum += added - removed;
    sumOfSquares += added * added - removed * removed;
    const timestampS = series.timestampsS[t];
    if (t + 1 < length || timestampS === undefined) return;
    const variance = (sumOfSquares - sum * sum / length) / (length - 1);
    years.push({ timeMs: timestampS * 1000, mean: sum / length, variance });
  });
  return years;
}

/** At most `limit` of the points, among them the first, the last, and the lowest and highest of every stretch, so
 * that no peak and no trough is smoothed away.
 * @param limit 4 or more */
export function downsample(points: readonly ChartPoint[], limit: number): readonly ChartPoint[] {
  if (points.length <= limit) return points;
  const stretches = Math.floor((limit - 2) / 2);
  const last = points.length - 1;
  const kept = [0];
  for (let stretch = 0; stretch < stretches; stretch++) {
    const from = 1 + Math.floor(stretch * (last - 1) / stretches);
    const to = 1 + Math.floor((stretch + 1) * (last - 1) / stretches);
    kept.push(...extremes(points, from, to));
  }
  kept.push(last);
  return kept.flatMap((index) => points.slice(index, index + 1));
}

/** The indices of the lowest and the highest of the points in [from, to), ascending; one if they are the same. */
function extremes(points: readonly ChartPoint[], from: number, to: number): readonly number[] {
  let lowest = from, highest = from, least = Infinity, most = -Infinity;
  for (let i = from; i < to; i++) {
    const value = points[i]?.[1] ?? NaN;
    if (value < least) [lowest, least] = [i, value];
    if (value > most) [highest, most] = [i, value];
  }
  if (lowest === highest) return [lowest];
  return lowest < highest ? [lowest, highest] : [highest, lowest];
}

function finite(value: number | undefined): number {
  return value !== undefined && Number.isFinite(value) ? value : 0;
}
