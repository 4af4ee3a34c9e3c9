/** Section `execution`: how the simulators `orders` and `event` trade; `vectorized` knows none of it. */
export interface ExecutionConfig {
  /** Where in a bar `orders` fills all orders; `auto` takes the open where the prices tell it, else the close. Default
   * auto. */
  readonly fill_at: "auto" | "open" | "close";
  /** The orders that `event` sends. Default market. */
  readonly order_type: "market" | "limit" | "stop";
  /** Basis points between the close of the decision and the price of a limit (better) or stop (worse). Default 0. */
  readonly order_offset_bps: number;
  /** The share of a bar's volume that may be ours, above 0 to 1, where the prices tell volumes; for `event`. Default
   * 0.1. */
  readonly max_volume_share: number;
  /** Whether lot sizes, tick sizes, least values and fees of single symbols are taken from the lakehouse that prices are of, where
   * its data operations know them, and whether the ladder leaves out a symbol of which they know none although its source
   * tells them of others. Fees take the place of `backtest.commission_bps`. Default true. */
  readonly symbol_rules: boolean;
  /** Shares trade in multiples of this; 0 for any fraction. Default: as the lakehouse tells, else 1 on XNYS, else 0. */
  readonly lot_size?: number;
  /** Limits and stops of `event` are at multiples of this, in the currency of the prices; 0 for any price. Default: as the
   * lakehouse tells, else 0. */
  readonly tick_size?: number;
  /** Orders of a smaller value are not sent, in the currency of the prices; what a symbol itself needs may be more.
   * Default 0. */
  readonly min_notional: number;
  /** A year, of what is held short, in basis points. Default 0. */
  readonly borrow_fee_bps: number;
  /** A year, of borrowed cash, in basis points. Default 0. */
  readonly loan_bps: number;
  /** Equity over gross holdings below which all is sold at the close, 0 to 1. Default 0.25. */
  readonly maintenance_margin: number;
}

/** What holds where no layer says otherwise. */
export const EXECUTION_DEFAULTS: ExecutionConfig = {
  fill_at: "auto",
  order_type: "market",
  order_offset_bps: 0,
  max_volume_share: 0.1,
  symbol_rules: true,
  min_notional: 0,
  borrow_fee_bps: 0,
  loan_bps: 0,
  maintenance_margin: 0.25,
};
