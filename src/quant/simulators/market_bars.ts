/** Prices and volumes of N assets over T bars, each array T × N, row after row.
 *
 * Row t of `simpleReturns` is the move from close t to close t + 1 of the prices that it was given:
 * a target for row t of such returns is one for bar t + 1 here. */
export interface MarketBars {
  readonly rows: number;
  readonly cols: number;
  /** The first price of a bar; NaN where an asset has none. */
  readonly open: Float64Array;
  /** The last price of a bar; NaN where an asset has none. */
  readonly close: Float64Array;
}

/** Bars within which orders are matched. */
export interface TradedBars extends MarketBars {
  /** The highest price. */
  readonly high: Float64Array;
  /** The lowest price. */
  readonly low: Float64Array;
  /** Shares that changed hands; null when not known, and then fills have no limit. */
  readonly volume: Float64Array | null;
}

/** @throws {RangeError} if an array is not rows × cols, or an open or close is there but not finite
 * and > 0; the message names which */
export function requireBars(bars: MarketBars): void {
  const cells = bars.rows * bars.cols;
  for (const name of ["open", "close"] as const) {
    const values = bars[name];
    if (values.length !== cells) {
      throw new RangeError(
        `Cannot simulate: ${bars.rows} rows and ${bars.cols} columns need ${cells} values of ` +
          `${name}, got ${values.length}`,
      );
    }
    for (let at = 0; at < cells; at++) {
      if (Number.isNaN(values[at]) || (values[at] > 0 && values[at] < Infinity)) continue;
      throw new RangeError(
        `Cannot simulate: ${name} of column ${at % bars.cols} in row ` +
          `${Math.floor(at / bars.cols)} must be finite and > 0, or NaN: ` +
          `current value is ${values[at]}`,
      );
    }
  }
}

/** @throws {RangeError} as {@linkcode requireBars}, and if a price lies outside of its bar's range, or
 * a volume is negative */
export function requireTradedBars(bars: TradedBars): void {
  requireBars(bars);
  const cells = bars.rows * bars.cols;
  for (const name of ["high", "low", "volume"] as const) {
    const values = bars[name];
    if (values === null || values.length === cells) continue;
    throw new RangeError(
      `Cannot simulate: ${bars.rows} rows and ${bars.cols} columns need ${cells} values of ` +
        `${name}, got ${values.length}`,
    );
  }
  for (let at = 0; at < cells; at++) {
    const open = bars.open[at];
    const close = bars.close[at];
    if (Number.isNaN(open) || Number.isNaN(close)) continue;
    const where = `column ${at % bars.cols} in row ${Math.floor(at / bars.cols)}`;
    if (!(bars.low[at] <= Math.min(open, close) && bars.high[at] >= Math.max(open, close))) {
      throw new RangeError(
        `Cannot simulate: open ${open} and close ${close} of ${where} must lie between low ` +
          `${bars.low[at]} and high ${bars.high[at]}`,
      );
    }
    if (bars.volume !== null && bars.volume[at] < 0) {
      throw new RangeError(
        `Cannot simulate: volume of ${where} must be >= 0: current value is ${bars.volume[at]}`,
      );
    }
  }
}
