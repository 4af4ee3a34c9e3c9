/** What a candidate traded, window by window, in the order of the windows. */
export interface TradingReport {
  /** ½Σ|Δw| of all trades of a window, as a fraction of wealth: 1 replaces a whole portfolio. */
  readonly turnover: readonly number[];
  /** What these cost, as a fraction of wealth. */
  readonly costs: readonly number[];
  /** Trades' days over all windows. */
  readonly rebalances: number;
}
