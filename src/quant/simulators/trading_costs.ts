/** What trading and holding cost.
 *
 * A trade of n shares at the market's price p is done at p(1 + slippage) when bought, p(1 − slippage)
 * when sold, and pays commission on that value. Financing is charged before each bar, on values at
 * the close before: the borrow fee on what is held short, the loan rate on negative cash, each as an
 * annual rate over `periodsPerYear`. */
export interface TradingCosts {
  /** Basis points by which a trade's price is worse than the market's. A resting limit order has none. */
  readonly slippageBps: number;
  /** Basis points of the traded value paid to the broker. */
  readonly commissionBps: number;
  /** Annual basis points of the value held short. */
  readonly borrowFeeBps: number;
  /** Annual basis points of borrowed cash. */
  readonly loanBps: number;
  /** Bars in a year, by the calendar; no default. */
  readonly periodsPerYear: number;
}

/** The price at which a trade is done: worse than the market's by the slippage.
 * @param shares > 0 bought, < 0 sold */
export function slippedPrice(marketPrice: number, shares: number, slippageBps: number): number {
  return marketPrice * (1 + Math.sign(shares) * slippageBps / 10_000);
}

/** @throws {RangeError} naming the cost that is out of range */
export function requireCosts(costs: TradingCosts): void {
  for (const name of ["slippageBps", "commissionBps"] as const) {
    if (!(costs[name] >= 0 && costs[name] < 10_000)) {
      throw new RangeError(
        `Cannot simulate: ${name} must be >= 0 and < 10000: current value is ${costs[name]}`,
      );
    }
  }
  for (const name of ["borrowFeeBps", "loanBps"] as const) {
    if (!(costs[name] >= 0 && costs[name] < Infinity)) {
      throw new RangeError(
        `Cannot simulate: ${name} must be finite and >= 0: current value is ${costs[name]}`,
      );
    }
  }
  if (!(costs.periodsPerYear > 0 && costs.periodsPerYear < Infinity)) {
    throw new RangeError(
      `Cannot simulate: periodsPerYear must be finite and > 0: ` +
        `current value is ${costs.periodsPerYear}`,
    );
  }
}
