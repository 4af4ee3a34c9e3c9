import { assert, assertAlmostEquals, assertEquals } from "@std/assert";
import { simulateOrders } from "../../../src/quant/simulators/simulate_orders.ts";
import { FREE, targetsOf } from "./share_cases.ts";
import references from "../../reference/simulators/references.json" with { type: "json" };

const { cols, initialWealth } = references;
const bars = {
  rows: references.close.length,
  cols,
  open: Float64Array.from(references.open.flat()),
  close: Float64Array.from(references.close.flat()),
};

for (const expected of references.cases) {
  const { name, commissionBps, slippageBps, lotSize } = expected;
  Deno.test(`simulateOrders() agrees with vectorbt within 1e-8: ${name}`, () => {
    const outcome = simulateOrders({
      bars,
      targets: targetsOf(expected.targets),
      rebalance: { mode: "window" },
      costs: { ...FREE, commissionBps, slippageBps },
      rules: { lotSizes: new Float64Array(cols).fill(lotSize), minNotional: 0, tickSize: 0 },
      maintenanceMargin: 0,
      initialWealth,
      fillAt: expected.fillAt as "open" | "close",
    });
    assertEquals(outcome.returns.length, expected.returns.length);
    outcome.returns.forEach((value, k) => assertAlmostEquals(value, expected.returns[k], 1e-8));
    assert(Math.abs(outcome.finalWealth / expected.finalWealth - 1) < 1e-8);
    assertAlmostEquals(outcome.finalCash / initialWealth, expected.finalCash / initialWealth, 1e-8);
    outcome.finalShares.forEach((shares, col) =>
      assertAlmostEquals(shares / expected.finalShares[col], 1, 1e-8)
    );
    const fees = outcome.trades.commissions.reduce((sum, fee) => sum + fee, 0);
    assertAlmostEquals(fees, expected.fees, 1e-8 * initialWealth);
    assertEquals(outcome.trades.rows.length, expected.trades);
  });
}
