import { assert, assertAlmostEquals, assertEquals, assertThrows } from "@std/assert";
import fc from "fast-check";
import {
  simulateVectorized,
  type VectorizedSimulation,
} from "../../../src/quant/simulators/simulate_vectorized.ts";

/** Rows of returns and [row, ...weights] targets; free of costs and with wealth 1 if not told. */
function simulation(
  rows: readonly (readonly number[])[],
  targets: readonly (readonly number[])[],
  rest: Partial<VectorizedSimulation> = {},
): VectorizedSimulation {
  return {
    returns: { values: Float64Array.from(rows.flat()), rows: rows.length, cols: rows[0].length },
    targets: targets.map(([row, ...weights]) => ({ row, weights: Float64Array.from(weights) })),
    slippageBps: 0,
    commissionBps: 0,
    initialWealth: 1,
    ...rest,
  };
}

Deno.test("simulateVectorized() drifts, rebalances and charges as by hand", () => {
  // 100 in, 50 : 50 at 1 %: 1 paid, 49.5 each; 1: 54.45 + 49.5 = 103.95.
  // Back to 50 : 50: Δw = 0.5 - 54.45/103.95 = -0.0238…, twice, at 1 %.
  const outcome = simulateVectorized(
    simulation([[0.1, 0], [0, 0.2]], [[0, 0.5, 0.5], [1, 0.5, 0.5]], {
      slippageBps: 60,
      commissionBps: 40,
      initialWealth: 100,
    }),
  );
  const drifted = 54.45 / 103.95;
  const secondCost = 2 * (drifted - 0.5) * 0.01;
  const afterCost = 103.95 * (1 - secondCost);
  assertEquals(outcome.turnover[0], 0.5);
  assertAlmostEquals(outcome.turnover[1], drifted - 0.5, 1e-15);
  assertAlmostEquals(outcome.costs[0], 0.01, 1e-16);
  assertAlmostEquals(outcome.costs[1], secondCost, 1e-16);
  assertAlmostEquals(outcome.totalCost, 1 + 103.95 * secondCost, 1e-12);
  assertAlmostEquals(outcome.returns[0], 0.0395, 1e-15);
  assertAlmostEquals(outcome.returns[1], afterCost * 1.1 / 103.95 - 1, 1e-15);
  assertAlmostEquals(outcome.finalWealth, afterCost * 1.1, 1e-12);
  assertAlmostEquals(outcome.finalHoldings[0], afterCost * 0.5, 1e-12);
  assertAlmostEquals(outcome.finalHoldings[1], afterCost * 0.6, 1e-12);
  assertAlmostEquals(outcome.finalCash, 0, 1e-12);
});

Deno.test("simulateVectorized() leaves cash alone and lets it dilute", () => {
  const outcome = simulateVectorized(simulation([[1], [1]], [[0, 0.5]]));
  assertEquals([...outcome.returns], [0.5, 2 / 3]);
  assertEquals([outcome.finalHoldings[0], outcome.finalCash], [2, 0.5]);
});

Deno.test("simulateVectorized() gains on a short that falls", () => {
  const outcome = simulateVectorized(simulation([[-0.5], [-0.5]], [[0, -1]]));
  assertEquals([outcome.finalWealth, outcome.finalHoldings[0], outcome.finalCash], [
    1.75,
    -0.25,
    2,
  ]);
});

Deno.test("simulateVectorized() starts with the first target and drifts on after the last one", () => {
  const outcome = simulateVectorized(simulation([[9], [0.5], [0.5], [0.5]], [[1, 1], [2, 0]]));
  assertEquals(outcome.firstRow, 1);
  assertEquals([...outcome.returns], [0.5, 0, 0]);
});

Deno.test("simulateVectorized() resets neither wealth nor holdings at a new window", () => {
  // Held 50 : 50, doubled and unchanged: 2/3 : 1/3. Asking for just that is no trade and costs nothing.
  const rows = [[1, 0], [0.3, 0.3]];
  const costs = { slippageBps: 100, initialWealth: 100 };
  const outcome = simulateVectorized(simulation(rows, [[0, 0.5, 0.5], [1, 2 / 3, 1 / 3]], costs));
  assertAlmostEquals(outcome.turnover[1], 0, 1e-15);
  assertAlmostEquals(outcome.returns[1], 0.3, 1e-15);
  assertAlmostEquals(outcome.finalWealth, 100 * 0.99 * 1.5 * 1.3, 1e-12);
});

Deno.test("simulateVectorized() keeps a symbol without returns at its last price until it is sold", () => {
  const rows = [[0.5, 0], [NaN, 0], [NaN, 0], [NaN, 1]];
  const outcome = simulateVectorized(simulation(rows, [[0, 1, 0], [3, 0, 1]]));
  assertEquals([...outcome.returns], [0.5, 0, 0, 1]);
  assertEquals(outcome.finalWealth, 3);
  assertEquals(outcome.unpricedBars, 2);
  assertEquals(outcome.turnover[1], 1);
});

Deno.test("simulateVectorized() reports ruin as it is and trades no more", () => {
  const outcome = simulateVectorized(
    simulation([[1.5], [-0.9], [0.1]], [[0, -1], [1, 1]], { initialWealth: 10 }),
  );
  assertEquals(outcome.ruinedAtRow, 0);
  assertEquals([...outcome.returns], [-1.5, 0, 0]);
  assertEquals([outcome.finalWealth, outcome.finalHoldings[0], outcome.finalCash], [-5, 0, -5]);
  assertEquals([...outcome.rebalanceRows], [0]);
  assertEquals([...outcome.turnover], [0.5]);
});

Deno.test("simulateVectorized() refuses what it cannot simulate, and says why", () => {
  const good = simulation([[0.1], [0.1]], [[0, 1]]);
  const refuse = (change: Partial<VectorizedSimulation>, reason: string) =>
    assertThrows(() => simulateVectorized({ ...good, ...change }), RangeError, reason);
  const target = (row: number, ...weights: number[]) => ({
    row,
    weights: Float64Array.from(weights),
  });
  refuse({ targets: [] }, "there is no target");
  refuse({ targets: [target(2, 1)] }, "after -1 and before 2: current value is 2");
  refuse(
    { targets: [target(1, 1), target(1, 1)] },
    "the row of target 1 must be a whole number after 1",
  );
  refuse({ targets: [target(0, 1, 1)] }, "target 0 must have 1 weights, got 2");
  refuse(
    { targets: [target(0, NaN)] },
    "weight 0 of target 0 must be finite: current value is NaN",
  );
  refuse({ slippageBps: -1 }, "slippageBps must be >= 0 and < 10000: current value is -1");
  refuse({ commissionBps: NaN }, "commissionBps");
  refuse({ initialWealth: 0 }, "initialWealth must be finite and > 0: current value is 0");
  refuse({ returns: { ...good.returns, rows: 3 } }, "3 rows and 1 columns need 3 returns, got 2");
});

Deno.test("simulateVectorized() harvests volatility by daily rebalancing, as Shannon's thought experiment has it", () => {
  // Half in an asset that doubles and halves: 1.5 · 0.75 every two bars, where buy and hold gains nothing.
  const rows = Array.from({ length: 20 }, (_, bar) => [bar % 2 === 0 ? 1 : -0.5]);
  const wealth = (rebalance: VectorizedSimulation["rebalance"]) =>
    simulateVectorized(simulation(rows, [[0, 0.5]], { rebalance })).finalWealth;
  assertAlmostEquals(wealth({ mode: "daily" }), 1.125 ** 10, 1e-12);
  assertAlmostEquals(wealth({ mode: "window" }), 1, 1e-12);
  // Doubling moves the weight from 1/2 to 2/3, halving it then back to 1/2: a drift of 1/6.
  assertAlmostEquals(wealth({ mode: "drift", threshold: 0.16 }), 1.125 ** 10, 1e-12);
  assertAlmostEquals(wealth({ mode: "drift", threshold: 0.17 }), 1, 1e-12);
});

const simpleReturn = fc.double({ min: -0.3, max: 0.3, noNaN: true });
const COLS = 3;
const chain = fc.record({
  rows: fc.array(fc.array(simpleReturn, { minLength: COLS, maxLength: COLS }), {
    minLength: 2,
    maxLength: 30,
  }),
  mixes: fc.array(
    fc.array(fc.double({ min: 0, max: 0.33, noNaN: true }), { minLength: COLS, maxLength: COLS }),
    { minLength: 1, maxLength: 4 },
  ),
  bps: fc.integer({ min: 0, max: 100 }),
}).map(({ rows, mixes, bps }) =>
  simulation(
    rows,
    mixes.slice(0, rows.length).map((mix, k) => [k * Math.floor(rows.length / 5 + 1), ...mix])
      .filter(([row]) => row < rows.length),
    { slippageBps: bps, commissionBps: 3 },
  )
);

Deno.test("simulateVectorized() reproduces a single asset to the bit without costs", () => {
  fc.assert(
    fc.property(fc.array(simpleReturn, { minLength: 1, maxLength: 50 }), (column) => {
      const rows = column.map((value) => [value]);
      assertEquals([...simulateVectorized(simulation(rows, [[0, 1]])).returns], column);
    }),
  );
});

Deno.test("simulateVectorized() of buy and hold is the weighted mean of the assets' growth", () => {
  fc.assert(
    fc.property(chain, ({ returns, targets }) => {
      const outcome = simulateVectorized({
        ...simulation([[0]], [[0, 1]]),
        returns,
        targets: targets.slice(0, 1),
      });
      const weights = targets[0].weights;
      let expected = 1 - weights.reduce((sum, weight) => sum + weight, 0);
      weights.forEach((weight, col) => {
        let growth = 1;
        for (let row = 0; row < returns.rows; row++) growth *= 1 + returns.values[row * COLS + col];
        expected += weight * growth;
      });
      assertAlmostEquals(outcome.finalWealth, expected, 1e-12);
    }),
  );
});

Deno.test("simulateVectorized() has wealth = Π(1 + r) = holdings + cash, whatever the wealth's scale", () => {
  fc.assert(
    fc.property(chain, fc.double({ min: 1e-3, max: 1e9, noNaN: true }), (one, initialWealth) => {
      const small = simulateVectorized(one);
      const large = simulateVectorized({ ...one, initialWealth });
      assertEquals(large.returns, small.returns);
      assertEquals(large.turnover, small.turnover);
      const growth = large.returns.reduce((wealth, value) => wealth * (1 + value), 1);
      assertAlmostEquals(large.finalWealth / initialWealth, growth, 1e-12 * growth);
      const held = large.finalHoldings.reduce((sum, value) => sum + value, large.finalCash);
      assertAlmostEquals(held / large.finalWealth, 1, 1e-12);
      large.turnover.forEach((turnover, k) => {
        assertAlmostEquals(large.costs[k], 2 * turnover * (one.slippageBps + 3) / 1e4, 1e-15);
      });
    }),
  );
});

Deno.test("simulateVectorized() is never richer for higher costs", () => {
  fc.assert(
    fc.property(chain, (cheap) => {
      const dear = simulateVectorized({ ...cheap, commissionBps: 50 });
      assert(dear.finalWealth <= simulateVectorized(cheap).finalWealth + 1e-12);
    }),
  );
});
