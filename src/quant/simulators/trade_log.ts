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
  #rows = new Int32Array(64);
  #cols = new Int32Array(64);
  #reasons = new Uint8Array(64);
  /** Shares, price and commission of each trade. */
  #amounts = new Float64Array(3 * 64);

  /** Appends a trade. */
  add(
    row: number,
    col: number,
    shares: number,
    price: number,
    commission: number,
    reason: TradeReason,
  ): void {
    if (this.#count === this.#rows.length) this.#grow();
    const at = this.#count++;
    this.#rows[at] = row;
    this.#cols[at] = col;
    this.#reasons[at] = TRADE_REASONS.indexOf(reason);
    this.#amounts[3 * at] = shares;
    this.#amounts[3 * at + 1] = price;
    this.#amounts[3 * at + 2] = commission;
  }

  /** All trades so far, as copies. */
  trades(): Trades {
    const column = (offset: number) =>
      Float64Array.from({ length: this.#count }, (_, at) => this.#amounts[3 * at + offset]);
    return {
      rows: this.#rows.slice(0, this.#count),
      cols: this.#cols.slice(0, this.#count),
      shares: column(0),
      prices: column(1),
      commissions: column(2),
      reasons: this.#reasons.slice(0, this.#count),
    };
  }

  #grow(): void {
    const capacity = 2 * this.#count;
    const rows = new Int32Array(capacity);
    const cols = new Int32Array(capacity);
    const reasons = new Uint8Array(capacity);
    const amounts = new Float64Array(3 * capacity);
    rows.set(this.#rows);
    cols.set(this.#cols);
    reasons.set(this.#reasons);
    amounts.set(this.#amounts);
    this.#rows = rows;
    this.#cols = cols;
    this.#reasons = reasons;
    this.#amounts = amounts;
  }
}
