import { mean, sampleStd } from "./moments.ts";
import { sharpe } from "./risk_adjusted.ts";

/** Sharpe ratio of each window of a chain of returns.
 * @param starts indexes at which windows start, rising; a window ends where the next one starts, the
 * last one with the returns
 * @returns one ratio a window; NaN for a window of fewer than 2 returns or of equal ones
 * @throws {RangeError} if starts do not rise within the returns */
export function windowSharpes(
  returns: Float64Array,
  starts: readonly number[],
  periodsPerYear: number,
): Float64Array {
  return Float64Array.from(starts, (start, k) => {
    const end = k + 1 < starts.length ? starts[k + 1] : returns.length;
    if (!(Number.isInteger(start) && start >= 0 && start < end && end <= returns.length)) {
      throw new RangeError(
        `Cannot compute window Sharpe ratios: window ${k} must start within the ` +
          `${returns.length} returns and before ${end}: current value is ${start}`,
      );
    }
    return sharpe(returns.subarray(start, end), periodsPerYear);
  });
}

/** How much the Sharpe ratio depends on the time: std(window Sharpe, T − 1) / |mean|.
 * @param sharpes one ratio a window; NaN ones are left out
 * @returns NaN for fewer than 2 ratios or when their mean is 0 */
export function temporalFragility(sharpes: Float64Array): number {
  const known = sharpes.filter((value) => !Number.isNaN(value));
  const center = Math.abs(mean(known));
  return center === 0 ? NaN : sampleStd(known) / center;
}
