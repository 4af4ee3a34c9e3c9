import type { TradeLog, TradeReason } from "./trade_log.ts";
import { ofAsset, slippedPrice, type TradingCosts } from "./trading_costs.ts";

/** Cash and shares under way. Fields change with every trade; a simulation owns its account. */
export interface Account {
  /** In currency; negative when borrowed. */
  cash: number;
  /** N shares, negative for short. */
  readonly shares: Float64Array;
  /** N last known market prices, NaN before the first; holdings are valued at them. */
  readonly prices: Float64Array;
  /** Slippage and commission paid so far. */
  tradingCost: number;
  /** Borrow fees and interest paid so far. */
  financingCost: number;
  /** Value traded so far, at market prices. */
  traded: number;
}

/** An account with nothing but cash. */
export function openAccount(cash: number, cols: number): Account {
  return {
    cash,
    shares: new Float64Array(cols),
    prices: new Float64Array(cols).fill(NaN),
    tradingCost: 0,
    financingCost: 0,
    traded: 0,
  };
}

/** Takes over the market prices of the bar that starts at `offset`; an asset without one keeps its last.
 * @returns how many held assets had none */
export function markPrices(account: Account, values: Float64Array, offset: number): number {
  const { shares, prices } = account;
  let unpriced = 0;
  for (let col = 0; col < prices.length; col++) {
    const price = values[offset + col];
    if (!Number.isNaN(price)) prices[col] = price;
    else if (shares[col] !== 0) unpriced++;
  }
  return unpriced;
}

/** Cash and holdings at their last prices. */
export function equityOf({ cash, shares, prices }: Account): number {
  let equity = cash;
  for (let col = 0; col < shares.length; col++) {
    if (shares[col] !== 0) equity += shares[col] * prices[col];
  }
  return equity;
}

/** Writes the weights of the holdings, as fractions of the equity, to `weights`. */
export function heldWeights(
  { shares, prices }: Account,
  equity: number,
  weights: Float64Array,
): void {
  for (let col = 0; col < shares.length; col++) {
    weights[col] = shares[col] === 0 ? 0 : shares[col] * prices[col] / equity;
  }
}

/** Charges a bar's borrow fee on short values and interest on negative cash. */
export function chargeFinancing(account: Account, costs: TradingCosts): void {
  const { borrowFeeBps, loanBps, periodsPerYear } = costs;
  if (borrowFeeBps === 0 && loanBps === 0) return;
  let shortValue = 0;
  for (let col = 0; col < account.shares.length; col++) {
    if (account.shares[col] < 0) shortValue -= account.shares[col] * account.prices[col];
  }
  const loan = Math.max(0, -account.cash);
  const charge = (shortValue * borrowFeeBps + loan * loanBps) / 10_000 / periodsPerYear;
  account.cash -= charge;
  account.financingCost += charge;
}

/** A trade to be booked. */
export interface Fill {
  readonly row: number;
  readonly col: number;
  /** Bought if > 0, sold if < 0. */
  readonly shares: number;
  /** Before slippage. */
  readonly marketPrice: number;
  readonly slippageBps: number;
  readonly commissionBps: number;
  readonly reason: TradeReason;
}

/** Books a trade: cash, shares, costs and log. A position that rounding leaves at less than a
 * trillionth of what was traded is closed. */
export function bookFill(account: Account, log: TradeLog, fill: Fill): void {
  const { row, col, shares, marketPrice } = fill;
  const price = slippedPrice(marketPrice, shares, fill.slippageBps);
  const commission = Math.abs(shares) * price * fill.commissionBps / 10_000;
  account.cash -= shares * price + commission;
  const held = account.shares[col] + shares;
  account.shares[col] = Math.abs(held) <= 1e-12 * Math.abs(shares) ? 0 : held;
  account.tradingCost += shares * (price - marketPrice) + commission;
  account.traded += Math.abs(shares) * marketPrice;
  log.add(row, col, shares, price, commission, fill.reason);
}

/** Closes every position at its last price, with costs. */
export function liquidate(account: Account, log: TradeLog, row: number, costs: TradingCosts): void {
  for (let col = 0; col < account.shares.length; col++) {
    if (account.shares[col] === 0) continue;
    bookFill(account, log, {
      row,
      col,
      shares: -account.shares[col],
      marketPrice: account.prices[col],
      slippageBps: costs.slippageBps,
      commissionBps: ofAsset(costs.commissionBps, col),
      reason: "liquidation",
    });
  }
}

/** Whether equity has fallen below the maintenance margin: a share of the gross value of holdings.
 * @param maintenanceMargin a fraction; 0 asks only that equity is not negative */
export function isMarginCalled(
  account: Account,
  equity: number,
  maintenanceMargin: number,
): boolean {
  let gross = 0;
  for (let col = 0; col < account.shares.length; col++) {
    if (account.shares[col] !== 0) gross += Math.abs(account.shares[col] * account.prices[col]);
  }
  return gross > 0 && equity < maintenanceMargin * gross;
}
