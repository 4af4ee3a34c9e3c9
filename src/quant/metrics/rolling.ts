/** A metric over each window of the last `window` bars, for instance
 * `rolling(returns.length, 126, (from, to) => sharpe(returns.subarray(from, to), 252))`.
 * @param bars T, the number of bars
 * @param window bars of a window
 * @param metric of the rows from `from` to before `to`
 * @returns T values; the first `window − 1` are NaN
 * @throws {RangeError} if `window` is not a whole number >= 1 */
export function rolling(
  bars: number,
  window: number,
  metric: (from: number, to: number) => number,
): Float64Array {
  if (!(Number.isInteger(window) && window >= 1)) {
    throw new RangeError(
      `Cannot roll a metric: window must be a whole number >= 1: current value is ${window}`,
    );
  }
  const values = new Float64Array(bars).fill(NaN);
  for (let to = window; to <= bars; to++) values[to - 1] = metric(to - window, to);
  return values;
}
