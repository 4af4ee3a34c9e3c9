import { assert, assertAlmostEquals, assertEquals, assertThrows } from "@std/assert";
import { TASK_BODY } from "../../cluster/protocol/body.ts";
import { numbersOf } from "../../src/lakehouse/columns.ts";
import { readColumns } from "../../src/lakehouse/parquet/parquet_file.ts";
import { artifactPath } from "../../src/production/tasks/artifact_store.ts";
import { backtestCandidate } from "../../src/production/tasks/backtest_candidate.ts";
import { simulateCandidate } from "../../src/production/tasks/simulate_candidate.ts";
import type { Ohlcv } from "../../src/quant/ohlcv.ts";
import type { Panel } from "../../src/quant/panel.ts";
import { EXECUTION, randomReturns } from "./panels.ts";

const PANEL = randomReturns(9, 60, 3);
const TARGETS = [20, 40].map((row) => ({ row, weights: Float64Array.of(0.5, 0.3, 0.2) }));
const SETTINGS = {
  slippageBps: 0,
  commissionBps: 0,
  initialWealth: 1_000_000,
  periodsPerYear: 252,
  execution: EXECUTION,
};

/** Bars whose closes have the returns of a panel and that open at the close before. */
function barsOf({ timestampsS, symbols, values }: Panel, isOpenKnown = true): Ohlcv {
  const N = symbols.length;
  const close = new Float64Array(values.length);
  const open = new Float64Array(values.length);
  for (let at = 0; at < values.length; at++) {
    open[at] = at < N ? 100 : close[at - N];
    close[at] = open[at] * (1 + values[at]);
  }
  const unknown = new Float64Array(values.length).fill(NaN);
  return {
    timestampsS,
    symbols,
    open: isOpenKnown ? open : unknown,
    high: isOpenKnown ? open.map((price, at) => Math.max(price, close[at])) : unknown,
    low: isOpenKnown ? open.map((price, at) => Math.min(price, close[at])) : unknown,
    close,
    volume: unknown,
  };
}

Deno.test("without frictions all three simulators of a production run come to the same returns", () => {
  const bars = barsOf(PANEL);
  for (const mode of ["window", "daily"] as const) {
    const [first, ...others] = (["vectorized", "orders", "event"] as const).map((simulator) =>
      simulateCandidate({ targets: TARGETS, simulator, rebalance: { mode } }, PANEL, bars, SETTINGS)
    );
    for (const { returns } of others) {
      returns.forEach((value, k) => assertAlmostEquals(value, first.returns[k], 1e-12));
    }
  }
});

Deno.test("orders fill at the close where the prices tell no open, and so hold a target one row later", () => {
  const chain = { targets: TARGETS, rebalance: { mode: "window" } } as const;
  const orders = simulateCandidate(
    { ...chain, simulator: "orders" },
    PANEL,
    barsOf(PANEL, false),
    SETTINGS,
  );
  const later = simulateCandidate(
    {
      ...chain,
      simulator: "vectorized",
      targets: TARGETS.map(({ row, weights }) => ({ row: row + 1, weights })),
    },
    PANEL,
    null,
    SETTINGS,
  );
  assertEquals(orders.returns[0], 0);
  later.returns.forEach((value, k) => assertAlmostEquals(value, orders.returns[k + 1], 1e-12));
});

Deno.test("a simulator that trades shares refuses to go without bars", () => {
  for (const simulator of ["orders", "event"] as const) {
    const chain = { targets: TARGETS, simulator, rebalance: { mode: "window" } } as const;
    assertThrows(() => simulateCandidate(chain, PANEL, null, SETTINGS), Error, simulator);
  }
});

Deno.test("the trades of a backtest are a table whose shares, prices and commissions explain the cash", async () => {
  const storeDir = await Deno.makeTempDir();
  try {
    const summary = await backtestCandidate[TASK_BODY](
      { targets: TARGETS, simulator: "orders", rebalance: { mode: "window" } },
      PANEL,
      barsOf(PANEL),
      {
        ...SETTINGS,
        slippageBps: 5,
        commissionBps: 1,
        execution: { ...EXECUTION, lotSize: 1 },
        riskFreeRate: 0,
        windowStarts: [0, 20],
      },
      storeDir,
    );
    assert(summary.trading !== null);
    const columns = await readColumns(artifactPath(storeDir, summary.trading.file));
    assertEquals(columns.map(({ name }) => name), [
      ...["timestamp", "symbol", "shares", "price", "commission", "reason"],
    ]);
    const shares = numbersOf(columns, "shares");
    const prices = numbersOf(columns, "price");
    assertEquals(shares.length, summary.trading.trades);
    assert(shares.every((count) => Number.isInteger(count) && count !== 0));
    assertEquals(
      new Set(columns.find(({ name }) => name === "reason")?.values as string[]),
      new Set(["rebalance"]),
    );
    const firstDay = numbersOf(columns, "timestamp").filter((time) =>
      time === PANEL.timestampsS[20]
    );
    assertEquals(firstDay.length, 3);
    numbersOf(columns, "commission").forEach((paid, k) =>
      assertAlmostEquals(paid, Math.abs(shares[k]) * prices[k] / 10_000, 1e-9)
    );
    assert(summary.totalCost > 0 && summary.metrics.friction_decay !== 0);
  } finally {
    await Deno.remove(storeDir, { recursive: true });
  }
});
