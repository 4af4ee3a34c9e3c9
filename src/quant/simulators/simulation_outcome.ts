import type { Trades } from "./trade_log.ts";

/** What came of a simulation, whichever simulator it was. */
export interface SimulationOutcome {
  /** The row of the first target: bar k of `returns` is row `firstRow + k`. */
  readonly firstRow: number;
  /** T − firstRow simple returns of the wealth after costs; Π(1 + r) is finalWealth / initialWealth. */
  readonly returns: Float64Array;
  /** The rows that rebalanced, rising: those of the targets, and those that the rule added. */
  readonly rebalanceRows: Int32Array;
  /** ½Σ|traded value| / wealth at the close before, of each rebalance, the first purchase included. */
  readonly turnover: Float64Array;
  /** Trading cost of each rebalance, as a fraction of the wealth at the close before. */
  readonly costs: Float64Array;
  /** The sum of all costs, in the currency of the wealth. */
  readonly totalCost: number;
  /** Wealth after the last row, in that currency; negative when more than all was lost. */
  readonly finalWealth: number;
  /** N values after the last row, in that currency. */
  readonly finalHoldings: Float64Array;
  /** What is left of finalWealth beside the holdings. */
  readonly finalCash: number;
  /** How many times a bar found a held symbol without a price: valued at its last one. */
  readonly unpricedBars: number;
  /** The row whose losses took all wealth, null if none did. */
  readonly ruinedAtRow: number | null;
}

/** What came of a simulation that trades shares. */
export interface TradedOutcome extends SimulationOutcome {
  /** Every trade, in order. */
  readonly trades: Trades;
  /** N shares after the last row. */
  readonly finalShares: Float64Array;
  /** The part of `totalCost` that is borrow fees and interest. */
  readonly financingCost: number;
  /** Trades wanted but left out: no price, or a value below the least. */
  readonly skippedOrders: number;
  /** The rows at whose close all was sold as the margin ran out. */
  readonly liquidationRows: readonly number[];
}
