import { assert, assertAlmostEquals, assertEquals, assertThrows } from "@std/assert";
import fc from "fast-check";
import { simulateOrders } from "../../../src/quant/simulators/simulate_orders.ts";
import type { OrdersSimulation } from "../../../src/quant/simulators/simulate_orders.ts";
import { TRADE_REASONS } from "../../../src/quant/simulators/trade_log.ts";
import {
  barsOf,
  barsWithReturns,
  flatBars,
  FREE,
  frictionless,
  randomCase,
} from "./share_cases.ts";

function orders(
  ...[bars, targets, rest]: Parameters<typeof frictionless>
): OrdersSimulation {
  return { ...frictionless(bars, targets, rest), fillAt: "open" };
}

const lots = (...lotSizes: number[]) => ({
  lotSizes: Float64Array.from(lotSizes),
  minNotional: 0,
  tickSize: 0,
});

Deno.test("simulateOrders() buys, drifts, sells and charges as by hand", () => {
  const costs = { ...FREE, slippageBps: 100, commissionBps: 50 };
  const bars = barsOf([[[10, 12, 10, 12]], [[12, 12, 9, 9]], [[8, 8, 8, 8]]]);
  const outcome = simulateOrders(orders(bars, [[0, 0.5], [2, 0]], { costs }));
  // 5 shares at 10.1 = 50.5 and 0.2525: 49.2475 left. Sold at 7.92 = 39.6 less 0.198.
  const { trades } = outcome;
  assertEquals([...trades.rows], [0, 2]);
  assertEquals([...trades.shares], [5, -5]);
  [10.1, 7.92].forEach((price, k) => assertAlmostEquals(trades.prices[k], price, 1e-12));
  [0.2525, 0.198].forEach((paid, k) => assertAlmostEquals(trades.commissions[k], paid, 1e-12));
  assertAlmostEquals(outcome.returns[0], (49.2475 + 60) / 100 - 1, 1e-14);
  assertAlmostEquals(outcome.returns[1], (49.2475 + 45) / (49.2475 + 60) - 1, 1e-14);
  assertAlmostEquals(outcome.finalWealth, 49.2475 + 39.402, 1e-12);
  assertAlmostEquals(outcome.totalCost, 0.5 + 0.2525 + 0.4 + 0.198, 1e-12);
  assertAlmostEquals(outcome.costs[0], 0.007525, 1e-14);
  assertAlmostEquals(outcome.turnover[0], 0.25, 1e-14);
  assertEquals([outcome.finalCash, ...outcome.finalShares], [outcome.finalWealth, 0]);
});

Deno.test("simulateOrders() at the close misses the bar on which it is filled", () => {
  const bars = barsOf([[[10, 20, 10, 20]], [[20, 40, 20, 40]]]);
  const outcome = simulateOrders({ ...orders(bars, [[0, 1]]), fillAt: "close" });
  assertEquals([...outcome.returns], [0, 1]);
});

Deno.test("simulateOrders() rounds to whole lots and keeps the rest as cash", () => {
  const outcome = simulateOrders(
    orders(flatBars([[7, 30], [7, 30]]), [[0, 0.5, 0.5]], { rules: lots(1, 0.25) }),
  );
  assertEquals([...outcome.finalShares], [7, 1.5]);
  assertEquals(outcome.finalCash, 6);
});

Deno.test("simulateOrders() closes odd lots when the weight is 0", () => {
  const bars = flatBars([[10], [10]]);
  const rules = { lotSizes: Float64Array.of(0.3), minNotional: 0, tickSize: 0 };
  const outcome = simulateOrders(orders(bars, [[0, 1], [1, 0]], { rules }));
  assertEquals([...outcome.finalShares], [0]);
  assertEquals(outcome.finalCash, 100);
});

Deno.test("simulateOrders() does not send orders below the least value, and counts them", () => {
  const rules = { lotSizes: new Float64Array(2), minNotional: 20, tickSize: 0 };
  const outcome = simulateOrders(
    orders(flatBars([[10, 10], [10, 10]]), [[0, 0.1, 0.9], [1, 0.25, 0.75]], { rules }),
  );
  // 10 is too small at first, then 25 is not; selling 15 is. So 10 of cash pay for less than 25: for none.
  assertEquals([...outcome.trades.cols], [1]);
  assertEquals(outcome.skippedOrders, 3);
});

Deno.test("simulateOrders() shrinks all purchases alike when costs leave too little cash", () => {
  const costs = { ...FREE, commissionBps: 100 };
  const outcome = simulateOrders(orders(flatBars([[10, 20]]), [[0, 0.25, 0.75]], { costs }));
  assertAlmostEquals(outcome.finalHoldings[0], 25 / 1.01, 1e-12);
  assertAlmostEquals(outcome.finalHoldings[1], 75 / 1.01, 1e-12);
  assertAlmostEquals(outcome.finalCash, 0, 1e-12);
});

Deno.test("simulateOrders() lends to a levered target and to no other", () => {
  const outcome = simulateOrders(orders(flatBars([[10], [11]]), [[0, 1.5]]));
  assertAlmostEquals(outcome.finalWealth, 115, 1e-12);
  assertAlmostEquals(outcome.finalCash, -50, 1e-12);
});

Deno.test("simulateOrders() charges the borrow fee on shorts and interest on loans", () => {
  const costs = { ...FREE, borrowFeeBps: 252, loanBps: 504 };
  const short = simulateOrders(orders(flatBars([[10], [10], [10]]), [[0, -1]], { costs }));
  // 100 short at 2.52 % a year: 0.01 a bar, after the first.
  assertAlmostEquals(short.finalWealth, 99.98, 1e-12);
  assertAlmostEquals(short.financingCost, 0.02, 1e-12);
  const levered = simulateOrders(orders(flatBars([[10], [10]]), [[0, 2]], { costs }));
  assertAlmostEquals(levered.finalWealth, 100 - 100 * 0.0504 / 252, 1e-12);
});

Deno.test("simulateOrders() sells all when the margin runs out, and waits for the next target", () => {
  const closes = [10, 8, 8, 16, 16, 8];
  const bars = {
    ...flatBars(closes.map((price) => [price])),
    open: Float64Array.of(10, 10, 8, 8, 16, 16),
  };
  const outcome = simulateOrders(
    orders(bars, [[0, 2], [4, 0.5]], { maintenanceMargin: 0.4, rebalance: { mode: "daily" } }),
  );
  // 20 shares, 100 borrowed: at 8 the equity is 60 of 160, less than 0.4.
  assertEquals(outcome.liquidationRows, [1]);
  assertEquals([...outcome.trades.rows].slice(0, 3), [0, 1, 4]);
  assertEquals(TRADE_REASONS[outcome.trades.reasons[1]], "liquidation");
  assertAlmostEquals(outcome.finalWealth, 60 * 0.75, 1e-12);
});

Deno.test("simulateOrders() reports ruin as it is and trades no more", () => {
  const outcome = simulateOrders(orders(flatBars([[10], [25], [10]]), [[0, -1], [2, 1]]));
  assertEquals(outcome.ruinedAtRow, 1);
  assertEquals([...outcome.returns], [0, -1.5, 0]);
  assertEquals([outcome.finalWealth, outcome.finalCash, ...outcome.finalShares], [-50, -50, 0]);
});

Deno.test("simulateOrders() values an asset without a price at its last, and sells it there only", () => {
  const bars = flatBars([[10, 10], [12, 10], [NaN, 10], [NaN, 10]]);
  const outcome = simulateOrders(orders(bars, [[0, 1, 0], [2, 1.2, 0], [3, 0, 1]]));
  assertEquals(outcome.finalWealth, 120);
  assertEquals(outcome.skippedOrders, 1);
  assertEquals([...outcome.finalShares], [0, 12]);
  assertEquals(outcome.unpricedBars, 1);
});

Deno.test("simulateOrders() rebalances by the rule: never, daily, or when a weight has drifted", () => {
  const bars = flatBars([[10, 10], [10.4, 10], [12, 10], [12, 10]]);
  const rowsOf = (rebalance: OrdersSimulation["rebalance"]) => [
    ...simulateOrders(orders(bars, [[0, 0.5, 0.5]], { rebalance })).rebalanceRows,
  ];
  assertEquals(rowsOf({ mode: "window" }), [0]);
  assertEquals(rowsOf({ mode: "daily" }), [0, 1, 2, 3]);
  // 12 : 10 is a weight of 0.545 at the close of row 2: traded on row 3.
  assertEquals(rowsOf({ mode: "drift", threshold: 0.04 }), [0, 3]);
  assertEquals(rowsOf({ mode: "drift", threshold: 0.05 }), [0]);
});

Deno.test("simulateOrders() never overdraws a cash account, and its books balance", () => {
  const lotSize = fc.constantFrom(0, 0.1, 1);
  const bps = fc.integer({ min: 0, max: 200 });
  fc.assert(
    fc.property(randomCase, lotSize, bps, ({ returns, targets, rebalance }, lot, slippageBps) => {
      const total = (weights: readonly number[]) =>
        weights.reduce((sum, w) => sum + Math.abs(w), 1e-9);
      const long = targets.map(([row, ...weights]) => [
        row,
        ...weights.map((w) => Math.abs(w) / total(weights)),
      ]);
      const bars = barsWithReturns(returns);
      const outcome = simulateOrders(orders(bars, long, {
        rebalance,
        costs: { ...FREE, slippageBps, commissionBps: 7 },
        rules: lots(lot, lot, lot),
      }));
      const { shares, prices, commissions, rows } = outcome.trades;
      let cash = 100;
      shares.forEach((count, k) => {
        cash -= count * prices[k] + commissions[k];
        const isLastOfRow = rows[k + 1] !== rows[k];
        assert(!isLastOfRow || cash >= -1e-9, `cash is ${cash} after row ${rows[k]}`);
      });
      assertAlmostEquals(outcome.finalCash, cash, 1e-9);
      const held = outcome.finalHoldings.reduce((sum, value) => sum + value, outcome.finalCash);
      assertAlmostEquals(held, outcome.finalWealth, 1e-9);
      const growth = outcome.returns.reduce((wealth, value) => wealth * (1 + value), 100);
      assertAlmostEquals(growth, outcome.finalWealth, 1e-9);
    }),
  );
});

Deno.test("simulateOrders() refuses what it cannot simulate, and says why", () => {
  const good = orders(flatBars([[10], [10]]), [[0, 1]]);
  const refuse = (change: Partial<OrdersSimulation>, reason: string) =>
    assertThrows(() => simulateOrders({ ...good, ...change }), RangeError, reason);
  refuse({ targets: [] }, "there is no target");
  refuse({ rules: lots() }, "1 assets need 1 lot sizes, got 0");
  refuse({ rules: lots(-1) }, "lot size 0 must be finite and >= 0: current value is -1");
  refuse({ rules: { ...lots(0), minNotional: NaN } }, "minNotional must be >= 0");
  refuse({ costs: { ...FREE, borrowFeeBps: -1 } }, "borrowFeeBps must be finite and >= 0");
  refuse({ costs: { ...FREE, slippageBps: 10_000 } }, "slippageBps must be >= 0 and < 10000");
  refuse({ costs: { ...FREE, periodsPerYear: 0 } }, "periodsPerYear must be finite and > 0");
  refuse({ maintenanceMargin: 2 }, "maintenanceMargin must be in [0, 1]: current value is 2");
  refuse({ rebalance: { mode: "drift", threshold: -1 } }, "drift threshold must be >= 0");
  refuse({ initialWealth: 0 }, "initialWealth must be finite and > 0");
  refuse({ bars: flatBars([[10], [-1]]) }, "open of column 0 in row 1 must be finite and > 0");
  refuse({ bars: { ...good.bars, rows: 3 } }, "3 rows and 1 columns need 3 values of open, got 2");
});

Deno.test("simulateOrders() charges each asset its own commission, and sends no order below its own least value", () => {
  const costs = { ...FREE, commissionBps: Float64Array.of(100, 0, 0) };
  const rules = {
    lotSizes: Float64Array.of(1, 0.5, 0),
    minNotional: Float64Array.of(0, 0, 21),
    tickSize: 0,
  };
  const bars = flatBars([[10, 10, 10], [10, 10, 10]]);
  const outcome = simulateOrders(orders(bars, [[0, 0.29, 0.29, 0.2]], { costs, rules }));
  assertEquals([...outcome.finalShares], [2, 2.5, 0]);
  [0.2, 0].forEach((paid, k) => assertAlmostEquals(outcome.trades.commissions[k], paid, 1e-12));
  assertEquals(outcome.skippedOrders, 1);
  assertThrows(
    () =>
      simulateOrders(
        orders(bars, [[0, 1, 0, 0]], { costs: { ...FREE, commissionBps: Float64Array.of(1) } }),
      ),
    RangeError,
    "commissionBps must be one number, or one for each of 3 assets: got 1",
  );
  const negative = { ...rules, minNotional: Float64Array.of(0, -1, 0), tickSize: 0 };
  assertThrows(
    () => simulateOrders(orders(bars, [[0, 1, 0, 0]], { rules: negative })),
    RangeError,
    "minNotional must be >= 0: current value is -1",
  );
});
