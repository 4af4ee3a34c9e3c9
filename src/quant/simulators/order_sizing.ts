import type { Account } from "./account.ts";
import { ofAsset, type PerAsset, requirePerAsset, slippedPrice } from "./trading_costs.ts";

/** What an exchange accepts. */
export interface TradingRules {
  /** Shares trade in multiples of this, one an asset; 0 where any fraction does. */
  readonly lotSizes: Float64Array;
  /** Orders of a smaller value are not sent, in currency; closing orders neither. The same for all assets, or one each. */
  readonly minNotional: PerAsset;
  /** Prices of limits and stops are multiples of this, in currency; 0 where any will do. The same for all assets, or one
   * each. */
  readonly tickSize: PerAsset;
}

/** Relative slack in counting lots, so that 100 shares computed as 99.999999999 are 100. */
const LOT_SLACK = 1e-9;

/** Shares rounded towards zero to whole lots; as they are when the lot is 0. */
export function wholeLots(shares: number, lotSize: number): number {
  if (lotSize === 0) return shares;
  const lots = Math.abs(shares) / lotSize;
  return Math.sign(shares) * Math.floor(lots * (1 + LOT_SLACK)) * lotSize;
}

/** Sizes the orders that bring holdings to a target: target percent orders.
 *
 * An order is weight · equity / price − what is held, rounded towards zero to whole lots. A weight of
 * 0 closes all, odd lots too. Orders below the least value
 * are left out. When the cash after all sales does not pay for the purchases with their costs, all
 * purchases shrink by one factor. Cash goes below 0 only as far as the target itself asks: to
 * (1 − Σw) · equity when Σw > 1.
 * @param account holdings and cash, valued at the last prices
 * @param equity of the account, > 0
 * @param quotes N prices at which trades are expected; NaN where an asset has none: its position may
 * be made smaller at its last price, not larger
 * @param orders N shares to trade, written: > 0 to buy, < 0 to sell, 0 for none
 * @returns how many wanted trades were left out: no price, or too small */
export function sizeOrders(
  account: Account,
  equity: number,
  weights: Float64Array,
  quotes: Float64Array,
  rules: TradingRules,
  costs: { readonly slippageBps: number; readonly commissionBps: PerAsset },
  orders: Float64Array,
): number {
  let skipped = 0;
  let needed = 0;
  let available = account.cash;
  let invested = 0;
  for (let col = 0; col < weights.length; col++) {
    invested += weights[col];
    orders[col] = 0;
    const held = account.shares[col];
    if (weights[col] === 0 && held === 0) continue;
    const isUnpriced = Number.isNaN(quotes[col]);
    const price = isUnpriced ? account.prices[col] : quotes[col];
    const shares = weights[col] === 0
      ? -held
      : wholeLots(weights[col] * equity / price - held, rules.lotSizes[col]);
    if (shares === 0) continue;
    const reduces = held * shares < 0 && Math.abs(shares) <= Math.abs(held);
    const isPossible = !isUnpriced || reduces;
    if (!isPossible || Math.abs(shares) * price < ofAsset(rules.minNotional, col)) {
      skipped++;
      continue;
    }
    orders[col] = shares;
    const value = tradeCash(shares, price, costs.slippageBps, ofAsset(costs.commissionBps, col));
    if (shares > 0) needed += value;
    else available += value;
  }
  available -= Math.min(0, (1 - invested) * equity);
  if (needed > available) {
    skipped += shrinkPurchases(orders, Math.max(0, available / needed), quotes, rules);
  }
  return skipped;
}

/** What a purchase takes of the cash, or a sale brings, costs included. */
function tradeCash(
  shares: number,
  price: number,
  slippageBps: number,
  commissionBps: number,
): number {
  const value = Math.abs(shares) * slippedPrice(price, shares, slippageBps);
  return value * (1 + Math.sign(shares) * commissionBps / 10_000);
}

/** @returns how many purchases have become too small */
function shrinkPurchases(
  orders: Float64Array,
  factor: number,
  quotes: Float64Array,
  { lotSizes, minNotional }: TradingRules,
): number {
  let skipped = 0;
  for (let col = 0; col < orders.length; col++) {
    if (!(orders[col] > 0)) continue;
    const lot = lotSizes[col];
    // Without the slack of wholeLots: a lot too many would overdraw the cash.
    const shares = lot === 0 ? orders[col] * factor : Math.floor(orders[col] * factor / lot) * lot;
    const isTooSmall = shares === 0 || shares * quotes[col] < ofAsset(minNotional, col);
    orders[col] = isTooSmall ? 0 : shares;
    if (isTooSmall) skipped++;
  }
  return skipped;
}

/** @throws {RangeError} if there is not one lot size >= 0 an asset, or the least value is negative */
export function requireRules(
  { lotSizes, minNotional, tickSize }: TradingRules,
  cols: number,
): void {
  if (lotSizes.length !== cols) {
    throw new RangeError(
      `Cannot simulate: ${cols} assets need ${cols} lot sizes, got ${lotSizes.length}`,
    );
  }
  const bad = lotSizes.findIndex((lot) => !(lot >= 0 && lot < Infinity));
  if (bad >= 0) {
    throw new RangeError(
      `Cannot simulate: lot size ${bad} must be finite and >= 0: current value is ${lotSizes[bad]}`,
    );
  }
  for (const [name, values] of Object.entries({ minNotional, tickSize })) {
    requirePerAsset(name, values, cols);
    const negative = (typeof values === "number" ? [values] : [...values])
      .find((value) => !(value >= 0));
    if (negative !== undefined) {
      throw new RangeError(`Cannot simulate: ${name} must be >= 0: current value is ${negative}`);
    }
  }
}
