import { assert, assertAlmostEquals, assertEquals, assertThrows } from "@std/assert";
import fc from "fast-check";
import { matchPrice } from "../../../src/quant/simulators/match_order.ts";
import {
  type EventSimulation,
  simulateEvent,
} from "../../../src/quant/simulators/simulate_event.ts";
import {
  barsOf,
  barsWithReturns,
  flatBars,
  FREE,
  frictionless,
  randomCase,
} from "./share_cases.ts";

Deno.test("matchPrice() fills a market order at the open", () => {
  const order = { type: "market", shares: 1, price: 0 } as const;
  assertEquals(matchPrice(order, { open: 10, high: 12, low: 9 }), 10);
  assertEquals(matchPrice(order, { open: NaN, high: NaN, low: NaN }), NaN);
});

Deno.test("matchPrice() fills a limit at its price or a better open, if the bar gets there", () => {
  const buy = { type: "limit", shares: 1, price: 10 } as const;
  assertEquals(matchPrice(buy, { open: 11, high: 12, low: 10 }), 10);
  assertEquals(matchPrice(buy, { open: 9, high: 12, low: 8 }), 9);
  assertEquals(matchPrice(buy, { open: 11, high: 12, low: 10.5 }), NaN);
  const sell = { type: "limit", shares: -1, price: 10 } as const;
  assertEquals(matchPrice(sell, { open: 9, high: 10, low: 8 }), 10);
  assertEquals(matchPrice(sell, { open: 11, high: 12, low: 8 }), 11);
  assertEquals(matchPrice(sell, { open: 9, high: 9.5, low: 8 }), NaN);
});

Deno.test("matchPrice() fills a stop at its price or a worse open, if the bar gets there", () => {
  const buy = { type: "stop", shares: 1, price: 10 } as const;
  assertEquals(matchPrice(buy, { open: 9, high: 11, low: 8 }), 10);
  assertEquals(matchPrice(buy, { open: 12, high: 13, low: 11 }), 12);
  assertEquals(matchPrice(buy, { open: 9, high: 9.5, low: 8 }), NaN);
  const sell = { type: "stop", shares: -1, price: 10 } as const;
  assertEquals(matchPrice(sell, { open: 11, high: 12, low: 9 }), 10);
  assertEquals(matchPrice(sell, { open: 8, high: 9, low: 7 }), 8);
  assertEquals(matchPrice(sell, { open: 11, high: 12, low: 10.5 }), NaN);
});

Deno.test("simulateEvent() sizes at the close before and fills at the open", () => {
  const bars = barsOf([[[10, 10, 10, 10]], [[8, 16, 8, 16]]]);
  const outcome = simulateEvent(frictionless(bars, [[1, 0.5]]));
  assertEquals([...outcome.trades.shares], [5]);
  assertEquals(outcome.finalWealth, 60 + 80);
});

Deno.test("simulateEvent() buys less when the open has run away from the cash", () => {
  const bars = barsOf([[[10, 10, 10, 10]], [[12.5, 12.5, 12.5, 12.5]], [[25, 25, 25, 25]]]);
  const outcome = simulateEvent(frictionless(bars, [[1, 1]]));
  assertEquals([...outcome.finalShares], [8]);
  assertEquals([...outcome.trades.rows], [1]);
});

Deno.test("simulateEvent() fills a share of each bar's volume, in lots, until the order is done", () => {
  const bars = barsOf([10, 10, 20, 0, NaN, 90, 90].map((volume) => [[10, 10, 10, 10, volume]]));
  const rules = { lotSizes: Float64Array.of(2), minNotional: 0, tickSize: 0 };
  const outcome = simulateEvent(frictionless(bars, [[1, 1]], { maxVolumeShare: 0.25, rules }));
  assertEquals([...outcome.trades.rows], [1, 2, 5]);
  assertEquals([...outcome.trades.shares], [2, 4, 4]);
  assertEquals([...outcome.turnover], [0.5]);
});

Deno.test("simulateEvent() replaces open orders by those of the next target", () => {
  const bars = barsOf([1, 4, 4, 4, 4].map((volume) => [[10, 10, 10, 10, volume]]));
  const outcome = simulateEvent(frictionless(bars, [[1, 1], [2, 0]], { maxVolumeShare: 0.5 }));
  assertEquals([...outcome.trades.shares], [2, -2]);
  assertEquals([...outcome.finalShares], [0]);
});

Deno.test("simulateEvent() lets limits rest until the market comes, and spares them the slippage", () => {
  const bars = barsOf([
    [[100, 100, 100, 100]],
    [[100, 101, 99.5, 100]],
    [[100, 101, 98, 100]],
    [[100, 100, 100, 100]],
  ]);
  const costs = { ...FREE, slippageBps: 50, commissionBps: 10 };
  const outcome = simulateEvent(
    frictionless(bars, [[1, 0.5]], { orderType: "limit", offsetBps: 100, costs }),
  );
  assertEquals([...outcome.trades.rows], [2]);
  assertEquals([...outcome.trades.prices], [99]);
  assertAlmostEquals(outcome.trades.commissions[0], 0.5 * 99 * 0.001, 1e-15);
});

Deno.test("simulateEvent() puts limits and stops on the tick that is further from the market", () => {
  const traded = (
    orderType: "limit" | "stop",
    offsetBps: number,
    ...targets: [number, number][]
  ) => {
    const bars = barsOf([0, 1, 2, 3].map(() => [[100, 110, 90, 100]]));
    const rules = { lotSizes: new Float64Array(1), minNotional: 0, tickSize: 0.4 };
    return [
      ...simulateEvent(frictionless(bars, targets, { orderType, offsetBps, rules })).trades.prices,
    ];
  };
  const buy = [1, 0.5] as [number, number], sell = [2, 0] as [number, number];
  // Wanted are 99 and 101, of which 98.8 and 101.2 are multiples of 0.4.
  for (const [orderType, prices] of [["limit", [98.8, 101.2]], ["stop", [101.2, 98.8]]] as const) {
    const found = traded(orderType, 100, buy, sell);
    found.forEach((price, k) => assertAlmostEquals(price, prices[k], 1e-12));
    assertEquals(found.length, 2);
  }
  // 100 is a multiple already.
  traded("limit", 0, buy, sell).forEach((price) => assertAlmostEquals(price, 100, 1e-12));
});

Deno.test("simulateEvent() turns a stop that was reached into a market order with slippage", () => {
  const bars = barsOf([
    [[100, 100, 100, 100, 9]],
    [[100, 100.5, 99, 100, 9]],
    [[100, 102, 99, 99, 0.5]],
    [[98, 98, 98, 98, 9]],
  ]);
  const costs = { ...FREE, slippageBps: 100 };
  const outcome = simulateEvent(frictionless(bars, [[1, 0.5]], {
    orderType: "stop",
    offsetBps: 100,
    costs,
    maxVolumeShare: 0.5,
  }));
  assertEquals([...outcome.trades.rows], [2, 3]);
  assertEquals([...outcome.trades.shares], [0.25, 0.25]);
  assertAlmostEquals(outcome.trades.prices[0], 101 * 1.01, 1e-12);
  assertAlmostEquals(outcome.trades.prices[1], 98 * 1.01, 1e-12);
});

Deno.test("simulateEvent() cancels what is open when the margin runs out", () => {
  const bars = barsOf([
    [[10, 10, 10, 10, 100]],
    [[10, 16, 10, 16, 10]],
    [[16, 16, 16, 16, 10]],
  ]);
  const outcome = simulateEvent(
    frictionless(bars, [[1, -2]], { maintenanceMargin: 0.5, maxVolumeShare: 1 }),
  );
  // 10 of 20 shares are short at 10: at 16 the equity is 40 of 160.
  assertEquals(outcome.liquidationRows, [1]);
  assertEquals([...outcome.trades.shares], [-10, 10]);
  assertEquals(outcome.finalWealth, 40);
});

Deno.test("simulateEvent() fills within the bar and the volume, and its books balance", () => {
  const orderType = fc.constantFrom("market", "limit", "stop");
  const volume = fc.double({ min: 0, max: 20, noNaN: true });
  fc.assert(
    fc.property(randomCase, orderType, volume, ({ returns, targets, rebalance }, type, shares) => {
      const flat = barsWithReturns(returns);
      const bars = { ...flat, volume: new Float64Array(flat.rows * flat.cols).fill(shares) };
      const outcome = simulateEvent(
        frictionless(bars, targets.map(([row, ...weights]) => [row + 1, ...weights]), {
          rebalance,
          orderType: type,
          offsetBps: 50,
          maxVolumeShare: 0.1,
          costs: { ...FREE, commissionBps: 10, borrowFeeBps: 100 },
        }),
      );
      const { trades } = outcome;
      trades.prices.forEach((price, k) => {
        const at = trades.rows[k] * bars.cols + trades.cols[k];
        assert(price >= bars.low[at] && price <= bars.high[at]);
        assert(Math.abs(trades.shares[k]) <= 0.1 * shares);
      });
      const growth = outcome.returns.reduce((wealth, value) => wealth * (1 + value), 100);
      assertAlmostEquals(growth, outcome.finalWealth, 1e-9);
      const traded = new Float64Array(bars.cols);
      trades.shares.forEach((count, k) => traded[trades.cols[k]] += count);
      traded.forEach((count, col) => assertAlmostEquals(count, outcome.finalShares[col], 1e-9));
    }),
  );
});

Deno.test("simulateEvent() refuses what it cannot simulate, and says why", () => {
  const good = frictionless(flatBars([[10], [10]]), [[1, 1]]);
  const refuse = (change: Partial<EventSimulation>, reason: string) =>
    assertThrows(() => simulateEvent({ ...good, ...change }), RangeError, reason);
  refuse({ targets: [{ row: 0, weights: Float64Array.of(1) }] }, "row 1 or later");
  refuse({ offsetBps: -1 }, "offsetBps must be >= 0 and < 10000: current value is -1");
  refuse({ maxVolumeShare: 0 }, "maxVolumeShare must be > 0: current value is 0");
  refuse(
    { bars: { ...good.bars, high: Float64Array.of(10, 9) } },
    "open 10 and close 10 of column 0 in row 1 must lie between low 10 and high 9",
  );
  refuse({ bars: { ...good.bars, volume: Float64Array.of(1, -1) } }, "must be >= 0");
  refuse({ bars: { ...good.bars, low: Float64Array.of(1) } }, "need 2 values of low, got 1");
});

Deno.test("simulateEvent() shrinks purchases to the cash that is left after each asset's own commission", () => {
  const costs = { ...FREE, commissionBps: Float64Array.of(1000, 0) };
  const bars = flatBars([[10, 10], [10, 10]]);
  const outcome = simulateEvent(frictionless(bars, [[1, 0.5, 0.5]], { costs }));
  const { shares, commissions } = outcome.trades;
  assertAlmostEquals(commissions[0], shares[0] * 10 * 0.1, 1e-9);
  assertEquals(commissions[1], 0);
  assertAlmostEquals(shares[0] * 11 + shares[1] * 10, 100, 1e-9);
  assertAlmostEquals(outcome.finalCash, 0, 1e-9);
});
