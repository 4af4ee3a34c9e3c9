import type { Drawdown } from "./drawdown.ts";

/** One fall from a peak and, if it came, the way back. */
export interface DrawdownEpisode extends Drawdown {
  /** Bars from the first below the peak to the last one before recovery, or to the end. */
  readonly bars: number;
}

/** All drawdowns, the deepest first; of equal ones the earlier. The first is that of `maxDrawdown`.
 * @param returns T simple returns as fractions; wealth starts at 1 before the first
 * @param limit the number of drawdowns wanted, all if not told */
export function drawdownTable(returns: Float64Array, limit = Infinity): DrawdownEpisode[] {
  const episodes: DrawdownEpisode[] = [];
  let wealth = 1;
  let peak = 1;
  let startIndex = NaN;
  let troughIndex = NaN;
  let depth = 0;
  const end = (index: number, recoveryIndex: number) => {
    if (Number.isNaN(startIndex)) return;
    episodes.push({ depth, startIndex, troughIndex, recoveryIndex, bars: index - startIndex });
    startIndex = NaN;
    depth = 0;
  };
  for (let t = 0; t < returns.length; t++) {
    wealth *= 1 + returns[t];
    if (wealth >= peak) {
      end(t, t);
      peak = wealth;
      continue;
    }
    if (Number.isNaN(startIndex)) startIndex = t;
    if (wealth / peak - 1 < depth) {
      depth = wealth / peak - 1;
      troughIndex = t;
    }
  }
  end(returns.length, NaN);
  return episodes.sort((a, b) => a.depth - b.depth || a.startIndex - b.startIndex)
    .slice(0, limit);
}
