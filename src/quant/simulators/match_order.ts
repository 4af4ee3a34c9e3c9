/** How an order meets the market. A "limit" trades at its price or better, a "stop" becomes a market
 * order once its price is reached: bought when the market rises to it, sold when it falls to it. */
export type OrderType = "market" | "limit" | "stop";

/** An order that waits for its fill. */
export interface RestingOrder {
  readonly type: OrderType;
  /** What is left to trade: > 0 to buy, < 0 to sell. */
  readonly shares: number;
  /** Of a limit or stop; not looked at for a market order. */
  readonly price: number;
}

/** The price range of one bar. */
export interface BarRange {
  readonly open: number;
  readonly high: number;
  readonly low: number;
}

/** The market price at which an order is done on a bar, before slippage.
 *
 * Market: the open. Limit: its price when the bar reaches it, the open when that is better. Stop: its
 * price when the bar reaches it, the open when the bar starts beyond it. Where in the bar the
 * extremes lay is not known and not needed.
 * @returns NaN when the bar does not fill it, or has no price */
export function matchPrice(order: RestingOrder, { open, high, low }: BarRange): number {
  if (order.type === "market" || Number.isNaN(open)) return open;
  // A limit waits for a better price, a stop for a worse one.
  const waitsForFall = (order.type === "limit") === (order.shares > 0);
  if (waitsForFall) return low <= order.price ? Math.min(open, order.price) : NaN;
  return high >= order.price ? Math.max(open, order.price) : NaN;
}
