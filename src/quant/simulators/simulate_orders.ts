import { type Account, bookFill, equityOf } from "./account.ts";
import { requireBars } from "./market_bars.ts";
import { sizeOrders } from "./order_sizing.ts";
import { type ShareSimulation, simulateShares, type TradingDesk } from "./share_simulation.ts";
import type { TradedOutcome } from "./simulation_outcome.ts";
import { ofAsset } from "./trading_costs.ts";

/** What is simulated with target percent orders. */
export interface OrdersSimulation extends ShareSimulation {
  /** Where in a target's bar all orders are filled, in full. */
  readonly fillAt: "open" | "close";
}

/** Simulates a chain of targets by target percent orders in shares, as an auction fills them.
 *
 * A target for a row is decided with the close before; its orders are sized and filled at that row's
 * open or close (`fillAt`), all of them, at prices worsened by slippage: sales first, purchases as
 * far as cash goes; see `sizeOrders`. An asset without a price on that bar is not bought; a position
 * in it can be given up at its last price.
 *
 * Without costs, lots and a least value, `fillAt: "open"` where opens equal the closes before them is
 * the vectorized simulator; so is `fillAt: "close"` with every target one row later there. Where
 * costs are, they agree up to (slippage · commission) and what cash cannot buy.
 * @throws {RangeError} if a shape, a row or a number is out of range; the message names it */
export function simulateOrders(simulation: OrdersSimulation): TradedOutcome {
  requireBars(simulation.bars);
  return simulateShares(simulation, (desk) => ({
    trade: (row, target) => target === null ? 0 : fillTarget(simulation, desk, row, target),
    cancelAll: () => {},
  }));
}

function fillTarget(
  { bars, fillAt, rules, costs }: OrdersSimulation,
  { account, log }: TradingDesk,
  row: number,
  target: Float64Array,
): number {
  const quotes = bars[fillAt].subarray(row * bars.cols, (row + 1) * bars.cols);
  markQuotes(account, quotes);
  const equity = equityOf(account);
  if (!(equity > 0)) return 0;
  const orders = new Float64Array(bars.cols);
  const skipped = sizeOrders(account, equity, target, quotes, rules, costs, orders);
  for (const isSale of [true, false]) {
    orders.forEach((shares, col) => {
      if (shares === 0 || (shares < 0) !== isSale) return;
      bookFill(account, log, {
        row,
        col,
        shares,
        marketPrice: account.prices[col],
        slippageBps: costs.slippageBps,
        commissionBps: ofAsset(costs.commissionBps, col),
        reason: "rebalance",
      });
    });
  }
  return skipped;
}

function markQuotes(account: Account, quotes: Float64Array): void {
  quotes.forEach((quote, col) => {
    if (!Number.isNaN(quote)) account.prices[col] = quote;
  });
}
