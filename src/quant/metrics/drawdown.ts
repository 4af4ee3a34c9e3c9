/** The deepest fall of wealth from a peak. */
export interface Drawdown {
  /** Trough over peak − 1: a fraction, 0 without any loss, NaN for no returns. */
  readonly depth: number;
  /** Index of the first bar below the peak; NaN without a drawdown. */
  readonly startIndex: number;
  /** Index of the bar at the bottom, the first one if several are equal; NaN without a drawdown. */
  readonly troughIndex: number;
  /** Index of the first bar back at the peak or above; NaN while it is not recovered. */
  readonly recoveryIndex: number;
}

/** Finds the deepest drawdown, the earliest if several are equal. Wealth starts at 1 before the first
 * bar, so that a loss on the first bar counts.
 * @param returns T simple returns as fractions */
export function maxDrawdown(returns: Float64Array): Drawdown {
  let wealth = 1;
  let peak = 1;
  let startIndex = NaN;
  let deepest: Drawdown = {
    depth: returns.length === 0 ? NaN : 0,
    startIndex: NaN,
    troughIndex: NaN,
    recoveryIndex: NaN,
  };
  for (let t = 0; t < returns.length; t++) {
    wealth *= 1 + returns[t];
    if (wealth >= peak) {
      // Recovered: the deepest drawdown as well, if it is the one that ends here.
      if (startIndex === deepest.startIndex) deepest = { ...deepest, recoveryIndex: t };
      peak = wealth;
      startIndex = NaN;
      continue;
    }
    if (Number.isNaN(startIndex)) startIndex = t;
    const depth = wealth / peak - 1;
    if (depth < deepest.depth) {
      deepest = { depth, startIndex, troughIndex: t, recoveryIndex: NaN };
    }
  }
  return deepest;
}
