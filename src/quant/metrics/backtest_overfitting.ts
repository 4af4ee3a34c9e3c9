import { combinatorialSplits, type SplitRange } from "../walk_forward/combinatorial_splits.ts";

/** What choosing the best of several trials is worth out of sample. */
export interface BacktestOverfitting {
  /** Share of the splits in which the best trial in sample is at the median or below it out of sample: 0 where the best
   * stays ahead, about ½ where the choice is luck. NaN for fewer than two trials. */
  readonly probability: number;
  /** Share of the splits in which the best trial in sample has a Sharpe ratio below 0 out of sample. */
  readonly lossProbability: number;
  /** Slope of the chosen trial's Sharpe ratio out of sample over that in sample; NaN where all are equal in sample. */
  readonly degradation: number;
  /** One a split: ln(ω / (1 − ω)) of the chosen trial's relative rank ω out of sample. */
  readonly logits: readonly number[];
}

/** The most groups: C(14, 7) is 3,432 splits. */
const MAX_GROUPS = 14;

/** Probability of backtest overfitting, by combinatorially symmetric cross-validation: the rows are cut into S groups,
 * each half of the groups is once what is in sample and the other half out of sample; the trial with the highest Sharpe
 * ratio in sample is ranked among all N out of sample, ω = rank / (N + 1), and the probability is the share of
 * ln(ω / (1 − ω)) <= 0.
 *
 * Departures: groups may differ by one row, so that none is thrown away; equal Sharpe ratios share their mean rank; a
 * trial that never moves in sample (no Sharpe ratio) is not chosen, and out of sample ranks last.
 * @param trials N series of T simple returns per bar
 * @param groups S, even, 2 to 14, at most T / 2
 * @throws {RangeError} if series differ in length or `groups` is out of range
 * Source: Bailey, Borwein, López de Prado and Zhu (2017), "The Probability of Backtest Overfitting". */
export function backtestOverfitting(
  trials: readonly Float64Array[],
  groups: number,
): BacktestOverfitting {
  const rows = trials[0]?.length ?? 0;
  requireValid(trials, rows, groups);
  if (trials.length < 2) {
    return { probability: NaN, lossProbability: NaN, degradation: NaN, logits: [] };
  }
  const { splits } = combinatorialSplits(rows, { groups, testGroups: groups / 2 });
  const chosen = splits.flatMap(({ train, test }) => {
    const inSample = trials.map((returns) => sharpeOver(returns, train));
    const best = bestOf(inSample);
    if (best === undefined) return [];
    const outOfSample = trials.map((returns) => sharpeOver(returns, test));
    const omega = rankOf(best, outOfSample) / (trials.length + 1);
    const logit = Math.log(omega / (1 - omega));
    return [{ inSample: inSample[best], outOfSample: outOfSample[best], logit }];
  });
  const shareOf = (count: number) => chosen.length === 0 ? NaN : count / chosen.length;
  return {
    probability: shareOf(chosen.filter(({ logit }) => logit <= 0).length),
    lossProbability: shareOf(chosen.filter(({ outOfSample }) => outOfSample < 0).length),
    degradation: slope(chosen.filter(({ outOfSample }) => !Number.isNaN(outOfSample))),
    logits: chosen.map(({ logit }) => logit),
  };
}

/** The most groups, even, that {@linkcode backtestOverfitting} can cut of what is wanted.
 * @returns undefined where the rows are fewer than four */
export function evenGroups(wanted: number, rows: number): number | undefined {
  const most = Math.min(wanted, MAX_GROUPS, Math.floor(rows / 2));
  return most < 2 ? undefined : most - most % 2;
}

/** Sharpe ratio per bar over some ranges of rows; NaN when nothing moves. */
function sharpeOver(returns: Float64Array, ranges: readonly SplitRange[]): number {
  let count = 0, sum = 0;
  for (const { from, to } of ranges) {
    for (let row = from; row < to; row++) sum += returns[row];
    count += to - from;
  }
  const mean = sum / count;
  let squares = 0, largest = 0;
  for (const { from, to } of ranges) {
    for (let row = from; row < to; row++) {
      squares += (returns[row] - mean) ** 2;
      largest = Math.max(largest, Math.abs(returns[row]));
    }
  }
  const std = Math.sqrt(squares / (count - 1));
  // Equal returns differ from their mean by rounding.
  return std > 1e-14 * largest ? mean / std : NaN;
}

function bestOf(values: readonly number[]): number | undefined {
  let best: number | undefined;
  values.forEach((value, i) => {
    if (!Number.isNaN(value) && (best === undefined || value > values[best])) best = i;
  });
  return best;
}

/** 1 for the worst; equal ones share their mean rank, and what does not exist is below all. */
function rankOf(chosen: number, values: readonly number[]): number {
  const known = values.map((value) => Number.isNaN(value) ? -Infinity : value);
  const below = known.filter((value) => value < known[chosen]).length;
  const equal = known.filter((value) => value === known[chosen]).length;
  return below + (equal + 1) / 2;
}

function slope(
  points: readonly { readonly inSample: number; readonly outOfSample: number }[],
): number {
  const mean = (values: readonly number[]) =>
    values.reduce((sum, value) => sum + value, 0) / values.length;
  const x = mean(points.map(({ inSample }) => inSample));
  const y = mean(points.map(({ outOfSample }) => outOfSample));
  let xx = 0, xy = 0;
  for (const { inSample, outOfSample } of points) {
    xx += (inSample - x) ** 2;
    xy += (inSample - x) * (outOfSample - y);
  }
  return xx > 1e-24 ? xy / xx : NaN;
}

function requireValid(trials: readonly Float64Array[], rows: number, groups: number): void {
  const other = trials.find(({ length }) => length !== rows);
  if (other !== undefined) {
    throw new RangeError(
      `Cannot measure overfitting: series of ${rows} and of ${other.length} returns`,
    );
  }
  const most = Math.min(MAX_GROUPS, Math.floor(rows / 2));
  if (Number.isInteger(groups) && groups % 2 === 0 && groups >= 2 && groups <= most) return;
  throw new RangeError(
    `Cannot measure overfitting: groups must be even, from 2 to ${most} for ${rows} returns: ` +
      `current value is ${groups}`,
  );
}
