/** What trading and holding cost.
 *
 * A trade of n shares at the market's price p is done at p(1 + slippage) when bought, p(1 − slippage)
 * when sold, and pays commission on that value. Financing is charged before each bar, on values at
 * the close before: the borrow fee on what is held short, the loan rate on negative cash, each as an
 * annual rate over `periodsPerYear`. */
export interface TradingCosts {
  /** Basis points by which a trade's price is worse than the market's. A resting limit order has none. */
  readonly slippageBps: number;
  /** Basis points of the traded value paid to the broker: the same for all assets, or one each. */
  readonly commissionBps: PerAsset;
  /** Annual basis points of the value held short. */
  readonly borrowFeeBps: number;
  /** Annual basis points of borrowed cash. */
  readonly loanBps: number;
  /** Bars in a year, by the calendar; no default. */
  readonly periodsPerYear: number;
}

/** A number that holds for all assets, or one for each. */
export type PerAsset = number | Float64Array;

/** The number of one asset. */
export function ofAsset(values: PerAsset, col: number): number {
  return typeof values === "number" ? values : values[col];
}

/** The price at which a trade is done: worse than the market's by the slippage.
 * @param shares > 0 bought, < 0 sold */
export function slippedPrice(marketPrice: number, shares: number, slippageBps: number): number {
  return marketPrice * (1 + Math.sign(shares) * slippageBps / 10_000);
}

/** @throws {RangeError} naming the cost that is out of range, or when costs by asset are not one each */
export function requireCosts(costs: TradingCosts, cols: number): void {
  requirePerAsset("commissionBps", costs.commissionBps, cols);
  for (const name of ["slippageBps", "commissionBps"] as const) {
    const values = costs[name];
    const bad = (typeof values === "number" ? [values] : [...values])
      .find((value) => !(value >= 0 && value < 10_000));
    if (bad !== undefined) {
      throw new RangeError(
        `Cannot simulate: ${name} must be >= 0 and < 10000: current value is ${bad}`,
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

/** @throws {RangeError} when numbers by asset are not one each */
export function requirePerAsset(name: string, values: PerAsset, cols: number): void {
  if (typeof values === "number" || values.length === cols) return;
  throw new RangeError(
    `Cannot simulate: ${name} must be one number, or one for each of ${cols} assets: got ${values.length}`,
  );
}
