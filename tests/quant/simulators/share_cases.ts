import fc from "fast-check";
import type { TradedBars } from "../../../src/quant/simulators/market_bars.ts";
import type { RebalanceTarget } from "../../../src/quant/simulators/rebalance_target.ts";
import type { EventSimulation } from "../../../src/quant/simulators/simulate_event.ts";

/** Bars of [open, high, low, close, volume?] for each asset of each row. */
export function barsOf(rows: readonly (readonly (readonly number[])[])[]): TradedBars {
  const column = (at: number) => Float64Array.from(rows.flat(), (bar) => bar[at]);
  return {
    rows: rows.length,
    cols: rows[0].length,
    open: column(0),
    high: column(1),
    low: column(2),
    close: column(3),
    volume: rows[0][0].length > 4 ? column(4) : null,
  };
}

/** Bars without a range, each price open and close at once. */
export function flatBars(rows: readonly (readonly number[])[]): TradedBars {
  return barsOf(rows.map((row) => row.map((price) => [price, price, price, price])));
}

/** [row, ...weights] each. */
export function targetsOf(targets: readonly (readonly number[])[]): RebalanceTarget[] {
  return targets.map(([row, ...weights]) => ({ row, weights: Float64Array.from(weights) }));
}

export const FREE = {
  slippageBps: 0,
  commissionBps: 0,
  borrowFeeBps: 0,
  loanBps: 0,
  periodsPerYear: 252,
};

/** A simulation without any friction, wealth 100, if not told otherwise. */
export function frictionless(
  bars: TradedBars,
  targets: readonly (readonly number[])[],
  rest: Partial<EventSimulation> = {},
): EventSimulation {
  return {
    bars,
    targets: targetsOf(targets),
    rebalance: { mode: "window" },
    costs: FREE,
    rules: { lotSizes: new Float64Array(bars.cols), minNotional: 0, tickSize: 0 },
    maintenanceMargin: 0,
    initialWealth: 100,
    orderType: "market",
    offsetBps: 0,
    maxVolumeShare: Infinity,
    ...rest,
  };
}

const COLS = 3;
const simpleReturn = fc.double({ min: -0.2, max: 0.2, noNaN: true });

/** Returns of 3 assets, targets of long and short weights, and a rebalance rule. */
export const randomCase = fc.record({
  returns: fc.array(fc.array(simpleReturn, { minLength: COLS, maxLength: COLS }), {
    minLength: 6,
    maxLength: 30,
  }),
  mixes: fc.array(
    fc.array(fc.double({ min: -0.2, max: 0.4, noNaN: true }), {
      minLength: COLS,
      maxLength: COLS,
    }),
    { minLength: 1, maxLength: 4 },
  ),
  rebalance: fc.constantFrom(
    { mode: "window" } as const,
    { mode: "daily" } as const,
    { mode: "drift", threshold: 0.05 } as const,
  ),
}).map(({ returns, mixes, rebalance }) => ({
  returns,
  rebalance,
  targets: mixes.map((mix, k) => [k * Math.floor(returns.length / 5), ...mix]),
}));

/** Bars with the given returns from close to close; a bar opens at the close before it. The first bar
 * is the one before the first return. */
export function barsWithReturns(returns: readonly (readonly number[])[]): TradedBars {
  let close = returns[0].map((_, col) => 10 * (col + 1));
  const rows = [close.map((price) => [price, price, price, price])];
  for (const row of returns) {
    const open = close;
    close = open.map((price, col) => price * (1 + row[col]));
    rows.push(
      open.map((
        price,
        col,
      ) => [price, Math.max(price, close[col]), Math.min(price, close[col]), close[col]]),
    );
  }
  return barsOf(rows);
}
