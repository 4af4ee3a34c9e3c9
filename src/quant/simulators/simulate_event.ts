import { bookFill, equityOf } from "./account.ts";
import { requireTradedBars, type TradedBars } from "./market_bars.ts";
import { matchPrice, type OrderType, type RestingOrder } from "./match_order.ts";
import { sizeOrders, wholeLots } from "./order_sizing.ts";
import {
  type BarHandler,
  type ShareSimulation,
  simulateShares,
  type TradingDesk,
} from "./share_simulation.ts";
import type { TradedOutcome } from "./simulation_outcome.ts";
import { ofAsset, slippedPrice } from "./trading_costs.ts";

/** What is simulated bar by bar. */
export interface EventSimulation extends ShareSimulation {
  readonly bars: TradedBars;
  /** The orders by which targets are reached. */
  readonly orderType: OrderType;
  /** Basis points between the decision's close and the price of a limit (better) or stop (worse). */
  readonly offsetBps: number;
  /** The share of a bar's volume that may be ours, as a fraction; Infinity for any. */
  readonly maxVolumeShare: number;
}

/** What the bar fills of an order; less of a purchase when cash is short. */
interface Match {
  readonly col: number;
  readonly shares: number;
  readonly marketPrice: number;
  readonly slippageBps: number;
}

/** Below this share of what purchases need, cash counts as none: rounding must not make trades. */
const LEAST_CASH_SHARE = 1e-9;

/** Relative slack in counting ticks. */
const TICK_SLACK = 1e-9;

/** Simulates a chain of targets bar by bar, with orders that rest until they are filled.
 *
 * A target for a row is decided at the close before: orders are sized at that close (see
 * `sizeOrders`), replace all open ones, and meet the bars from that row on (see `matchPrice`). A bar
 * fills no more than `maxVolumeShare` of its volume for an asset, in whole lots; the rest stays open,
 * a stop that was reached as a market order. Sales are filled before purchases; when the market has
 * run away and cash does not pay for them, all purchases of the bar shrink by one factor. Limit
 * orders pay commission but no slippage. An asset without a price on a bar is not traded on it.
 *
 * With market orders, opens equal to the closes before them and none of the frictions, it is the
 * vectorized simulator.
 * @throws {RangeError} if a shape, a row or a number is out of range, or the first target is for row
 * 0, before which nothing can be sized; the message names it */
export function simulateEvent(simulation: EventSimulation): TradedOutcome {
  requireValid(simulation);
  return simulateShares(simulation, (desk) => new OrderBook(simulation, desk));
}

class OrderBook implements BarHandler {
  readonly #simulation: EventSimulation;
  readonly #desk: TradingDesk;
  readonly #open: (RestingOrder | null)[];
  /** How far cash may go: below 0 only as far as the last target asks. */
  #cashFloor = 0;

  constructor(simulation: EventSimulation, desk: TradingDesk) {
    this.#simulation = simulation;
    this.#desk = desk;
    this.#open = new Array(simulation.bars.cols).fill(null);
  }

  trade(row: number, target: Float64Array | null): number {
    const skipped = target === null ? 0 : this.#place(target);
    const purchases: Match[] = [];
    for (let col = 0; col < this.#open.length; col++) {
      const order = this.#open[col];
      if (order === null) continue;
      const marketPrice = this.#match(order, row, col);
      if (Number.isNaN(marketPrice)) continue;
      const slippageBps = order.type === "limit" ? 0 : this.#simulation.costs.slippageBps;
      if (order.type === "stop") this.#open[col] = { ...order, type: "market" };
      const match = {
        col,
        shares: this.#fillable(order.shares, row, col),
        marketPrice,
        slippageBps,
      };
      if (match.shares > 0) purchases.push(match);
      else if (match.shares < 0) this.#fill(row, match);
    }
    this.#buy(row, purchases);
    return skipped;
  }

  cancelAll(): void {
    this.#open.fill(null);
  }

  #place(target: Float64Array): number {
    const { rules, costs, orderType, offsetBps } = this.#simulation;
    const { account } = this.#desk;
    this.cancelAll();
    const equity = equityOf(account);
    if (!(equity > 0)) return 0;
    const orders = new Float64Array(target.length);
    const skipped = sizeOrders(account, equity, target, account.prices, rules, costs, orders);
    const offset = (orderType === "limit" ? -1 : 1) * offsetBps / 10_000;
    orders.forEach((shares, col) => {
      if (shares === 0) return;
      const wanted = account.prices[col] * (1 + Math.sign(shares) * offset);
      // Of a limit to the better side, of a stop to the worse one: no order is nearer to the market than asked for.
      const isUp = (orderType === "limit") === (shares < 0);
      const price = onTick(wanted, ofAsset(rules.tickSize, col), isUp);
      this.#open[col] = { type: orderType, shares, price };
    });
    const invested = target.reduce((sum, weight) => sum + weight, 0);
    this.#cashFloor = Math.min(0, (1 - invested) * equity);
    return skipped;
  }

  #match(order: RestingOrder, row: number, col: number): number {
    const { open, high, low, cols } = this.#simulation.bars;
    const at = row * cols + col;
    return matchPrice(order, { open: open[at], high: high[at], low: low[at] });
  }

  /** As many of the shares as the bar's volume lets through, in whole lots. */
  #fillable(shares: number, row: number, col: number): number {
    const { bars: { volume, cols }, maxVolumeShare, rules } = this.#simulation;
    if (volume === null || maxVolumeShare === Infinity) return shares;
    const traded = volume[row * cols + col];
    const limit = Number.isNaN(traded) ? 0 : maxVolumeShare * traded;
    if (Math.abs(shares) <= limit) return shares;
    return wholeLots(Math.sign(shares) * limit, rules.lotSizes[col]);
  }

  #buy(row: number, purchases: readonly Match[]): void {
    const { costs, rules } = this.#simulation;
    let needed = 0;
    for (const { col, shares, marketPrice, slippageBps } of purchases) {
      const commission = ofAsset(costs.commissionBps, col) / 10_000;
      needed += shares * slippedPrice(marketPrice, shares, slippageBps) * (1 + commission);
    }
    const factor = (this.#desk.account.cash - this.#cashFloor) / needed;
    for (const purchase of purchases) {
      if (factor >= 1 - LEAST_CASH_SHARE) this.#fill(row, purchase);
      else if (factor > LEAST_CASH_SHARE) {
        const lot = rules.lotSizes[purchase.col];
        const affordable = purchase.shares * factor;
        const shares = lot === 0 ? affordable : Math.floor(affordable / lot) * lot;
        if (shares > 0) this.#fill(row, { ...purchase, shares });
      }
    }
  }

  #fill(row: number, fill: Match): void {
    const commissionBps = ofAsset(this.#simulation.costs.commissionBps, fill.col);
    const { account, log } = this.#desk;
    bookFill(account, log, { row, commissionBps, reason: "rebalance", ...fill });
    const order = this.#open[fill.col];
    if (order === null) return;
    const left = order.shares - fill.shares;
    const isDone = Math.abs(left) <= LEAST_CASH_SHARE * Math.abs(order.shares);
    this.#open[fill.col] = isDone ? null : { ...order, shares: left };
  }
}

/** A price moved up or down to a multiple of the tick; as it is when the tick is 0. */
function onTick(price: number, tickSize: number, isUp: boolean): number {
  if (tickSize === 0) return price;
  const ticks = price / tickSize;
  const nearest = Math.round(ticks);
  // What is on a tick but for rounding stays there.
  if (Math.abs(ticks - nearest) <= TICK_SLACK * ticks) return nearest * tickSize;
  return (isUp ? Math.ceil(ticks) : Math.floor(ticks)) * tickSize;
}

function requireValid({ bars, targets, offsetBps, maxVolumeShare }: EventSimulation): void {
  requireTradedBars(bars);
  if (targets[0]?.row === 0) {
    throw new RangeError(
      `Cannot simulate: orders are sized at the close before a target's row, so the first target ` +
        `must be for row 1 or later: current value is 0`,
    );
  }
  if (!(offsetBps >= 0 && offsetBps < 10_000)) {
    throw new RangeError(
      `Cannot simulate: offsetBps must be >= 0 and < 10000: current value is ${offsetBps}`,
    );
  }
  if (!(maxVolumeShare > 0)) {
    throw new RangeError(
      `Cannot simulate: maxVolumeShare must be > 0: current value is ${maxVolumeShare}`,
    );
  }
}
