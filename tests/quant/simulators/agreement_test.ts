import { assertAlmostEquals, assertEquals } from "@std/assert";
import fc from "fast-check";
import type { SimulationOutcome } from "../../../src/quant/simulators/simulation_outcome.ts";
import { simulateEvent } from "../../../src/quant/simulators/simulate_event.ts";
import { simulateOrders } from "../../../src/quant/simulators/simulate_orders.ts";
import { simulateVectorized } from "../../../src/quant/simulators/simulate_vectorized.ts";
import { barsWithReturns, frictionless, randomCase, targetsOf } from "./share_cases.ts";

function assertAgree(actual: SimulationOutcome, expected: SimulationOutcome): void {
  assertSameWealth(actual, expected, 0);
  expected.turnover.forEach((value, k) => assertAlmostEquals(actual.turnover[k], value, 1e-9));
}

/** @param from bars that the actual one is ahead */
function assertSameWealth(actual: SimulationOutcome, expected: SimulationOutcome, from: number) {
  assertEquals(actual.returns.length - from, expected.returns.length);
  expected.returns.forEach((value, k) =>
    assertAlmostEquals(actual.returns[k + from], value, 1e-12)
  );
  assertAlmostEquals(actual.finalWealth / expected.finalWealth, 1, 1e-11);
}

function vectorized(
  returns: readonly (readonly number[])[],
  targets: readonly (readonly number[])[],
  rest: Partial<Parameters<typeof simulateVectorized>[0]>,
): SimulationOutcome {
  return simulateVectorized({
    returns: {
      values: Float64Array.from(returns.flat()),
      rows: returns.length,
      cols: returns[0].length,
    },
    targets: targetsOf(targets),
    slippageBps: 0,
    commissionBps: 0,
    initialWealth: 100,
    ...rest,
  });
}

const later = (targets: readonly (readonly number[])[], rows: number) =>
  targets.map(([row, ...weights]) => [row + rows, ...weights]);

Deno.test("without frictions the three simulators agree, for any targets and rebalance rule", () => {
  fc.assert(
    fc.property(randomCase, ({ returns, targets, rebalance }) => {
      const expected = vectorized(returns, targets, { rebalance });
      // Row t of the returns is bar t + 1.
      const simulation = frictionless(barsWithReturns(returns), later(targets, 1), { rebalance });
      assertAgree(simulateOrders({ ...simulation, fillAt: "open" }), expected);
      assertAgree(simulateEvent(simulation), expected);
    }),
  );
});

Deno.test("simulateOrders() at the close is the vectorized simulator one row later", () => {
  fc.assert(
    fc.property(randomCase, ({ returns, targets }) => {
      const expected = vectorized(returns, later(targets, 1), {});
      const simulation = frictionless(barsWithReturns(returns), later(targets, 1));
      assertSameWealth(simulateOrders({ ...simulation, fillAt: "close" }), expected, 1);
    }),
  );
});

Deno.test("with costs the simulators agree up to costs of costs, while cash pays for all", () => {
  fc.assert(
    fc.property(randomCase, ({ returns, targets, rebalance }) => {
      const long = targets.map((
        [row, ...weights],
      ) => [row, ...weights.map((w) => Math.abs(w) / 2)]);
      const costs = { slippageBps: 5, commissionBps: 1 };
      const expected = vectorized(returns, long, { rebalance, ...costs });
      const base = frictionless(barsWithReturns(returns), later(long, 1), { rebalance });
      const simulation = { ...base, costs: { ...base.costs, ...costs } };
      for (
        const outcome of [
          simulateOrders({ ...simulation, fillAt: "open" }),
          simulateEvent(simulation),
        ]
      ) {
        // A rebalance costs at most c = 0.0006 · Σ|Δw|; what differs is the return of that c.
        assertAlmostEquals(outcome.finalWealth / expected.finalWealth, 1, 1e-3 * 0.3);
        assertAlmostEquals(outcome.totalCost / expected.totalCost, 1, 0.01);
      }
    }),
  );
});
