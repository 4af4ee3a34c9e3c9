/** Why a trade was done: to reach a target, or as the margin ran out. */
export const TRADE_REASONS = ["rebalance", "liquidation"] as const;

/** One of {@linkcode TRADE_REASONS}. */
export type TradeReason = typeof TRADE_REASONS[number];

/** Trades in the order in which they were done, one array a column, as a table wants them. */
export interface Trades {
  /** The bar. */
  readonly rows: Int32Array;
  /** The asset. */
  readonly cols: Int32Array;
  /** Bought if > 0, sold if < 0. */
  readonly shares: Float64Array;
  /** What was paid or got for a share, slippage included. */
  readonly prices: Float64Array;
  /** In currency. */
  readonly commissions: Float64Array;
  /** Indexes of {@linkcode TRADE_REASONS}. */
  readonly reasons: Uint8Array;
}

/** Collects trades in columns: a long simulation has millions, too many for an object each. */
export class TradeLog {
  #count = 0;
  #columns = columnsFor(64);

  /** Appends a trade. */
  add(
    row: number,
    col: number,
    shares: number,
    price: number,
    commission: number,
    reason: TradeReason,
  ): void {
    if (this.#count === this.#columns.rows.length) this.#grow();
    const at = this.#count++;
    const columns = this.#columns;
    columns.rows[at] = row;
    columns.cols[at] = col;
    columns.shares[at] = shares;
    columns.prices[at] = price;
    columns.commissions[at] = commission;
    columns.reasons[at] = TRADE_REASONS.indexOf(reason);
  }

  /** All trades so far, as copies. */
  trades(): Trades {
    const { rows, cols, shares, prices, commissions, reasons } = this.#columns;
    const count = this.#count;
    return {
      rows: rows.slice(0, count),
      cols: cols.slice(0, count),
      shares: shares.slice(0, count),
      prices: prices.slice(0, count),
      commissions: commissions.slice(0, count),
      reasons: reasons.slice(0, count),
    };
  }

  #grow(): void {
    const before = this.#columns;
    const columns = columnsFor(2 * this.#count);
    columns.rows.set(before.rows);
    columns.cols.set(before.cols);
    columns.shares.set(before.shares);
    columns.prices.set(before.prices);
    columns.commissions.set(before.commissions);
    columns.reasons.set(before.reasons);
    this.#columns = columns;
  }
}

function columnsFor(capacity: number): Trades {
  return {
    rows: new Int32Array(capacity),
    cols: new Int32Array(capacity),
    shares: new Float64Array(capacity),
    prices: new Float64Array(capacity),
    commissions: new Float64Array(capacity),
    reasons: new Uint8Array(capacity),
  };
}
