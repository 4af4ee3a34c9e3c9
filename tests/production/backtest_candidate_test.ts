import { assert, assertAlmostEquals, assertEquals } from "@std/assert";
import fc from "fast-check";
import { TASK_BODY } from "../../cluster/protocol/body.ts";
import { numbersOf } from "../../src/lakehouse/columns.ts";
import { readColumns } from "../../src/lakehouse/parquet/parquet_file.ts";
import { artifactPath } from "../../src/production/tasks/artifact_store.ts";
import {
  backtestCandidate,
  type BacktestSummary,
} from "../../src/production/tasks/backtest_candidate.ts";
import type { RebalanceRule } from "../../src/quant/simulators/rebalance_rule.ts";
import { METRICS } from "../../src/quant/metrics/metric_descriptors.ts";
import type { Panel } from "../../src/quant/panel.ts";
import { EXECUTION, randomReturns } from "./panels.ts";

const COSTS = { slippageBps: 5, commissionBps: 1 };
const CONVENTIONS = {
  initialWealth: 1000,
  periodsPerYear: 252,
  riskFreeRate: 0,
  execution: EXECUTION,
};

/** Target weights by the row from which they are held. */
type Chain = Readonly<Record<number, readonly number[]>>;

async function withStore(test: (storeDir: string) => Promise<void>): Promise<void> {
  const storeDir = await Deno.makeTempDir();
  try {
    await test(storeDir);
  } finally {
    await Deno.remove(storeDir, { recursive: true });
  }
}

async function backtest(
  storeDir: string,
  panel: Panel,
  chain: Chain,
  costs: typeof COSTS & { readonly rebalance?: RebalanceRule } = COSTS,
): Promise<BacktestSummary> {
  const targets = Object.entries(chain).map(([row, weights]) => ({
    row: Number(row),
    weights: Float64Array.from(weights),
  }));
  const windowStarts = targets.map(({ row }) => row - targets[0].row);
  const { rebalance = { mode: "window" }, ...rates } = costs;
  return await backtestCandidate[TASK_BODY](
    { targets, simulator: "vectorized", rebalance },
    panel,
    null,
    { ...CONVENTIONS, ...rates, windowStarts },
    storeDir,
  );
}

async function storedReturns(summary: BacktestSummary): Promise<Float64Array> {
  const columns = await readColumns(artifactPath(summary.storeDir, summary.returns));
  assertEquals(columns.map(({ name, dtype }) => [name, dtype]), [
    ["timestamp", "timestamp"],
    ["return", "f64"],
  ]);
  return numbersOf(columns, "return");
}

/** Returns that are 0 but where `moves` says otherwise, by row. */
function stillReturns(rows: number, moves: Readonly<Record<number, readonly number[]>>): Panel {
  const panel = randomReturns(1, rows, 2);
  panel.values.fill(0);
  for (const [row, move] of Object.entries(moves)) panel.values.set(move, Number(row) * 2);
  return panel;
}

Deno.test("a backtest has every metric that reports describe but the one that compares candidates", () =>
  withStore(async (storeDir) => {
    const { metrics } = await backtest(storeDir, randomReturns(2, 60, 2), {
      20: [0.5, 0.5],
      40: [1, 0],
    });
    const described = METRICS.map(({ name }) => name).filter((name) => name !== "deflated_sharpe");
    assertEquals(Object.keys(metrics).sort(), described.sort());
  }));

Deno.test("stored returns compound to the total return and the final wealth, whatever is held", () =>
  withStore((storeDir) =>
    fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 1, max: 1000 }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        async (seed, first, second) => {
          const panel = randomReturns(seed, 40, 2);
          const summary = await backtest(storeDir, panel, {
            10: [first, 1 - first],
            25: [second, 0],
          });
          const growth = (await storedReturns(summary)).reduce((w, r) => w * (1 + r), 1);
          assertAlmostEquals(growth - 1, summary.metrics.total_return, 1e-12);
          assertAlmostEquals(growth * 1000, summary.finalWealth, 1e-9);
        },
      ),
      { numRuns: 10 },
    )
  ));

Deno.test("a backtest looks at no row before its first target", () =>
  withStore(async (storeDir) => {
    const panel = randomReturns(4, 40, 2);
    const chain = { 15: [0.5, 0.5], 30: [0.2, 0.8] };
    const before = await backtest(storeDir, panel, chain);
    const values = panel.values.map((value, at) => at < 15 * 2 ? 9 : value);
    assertEquals(await backtest(storeDir, { ...panel, values }, chain), before);
  }));

Deno.test("turnover is the mean of the changes after the first purchase", () =>
  withStore(async (storeDir) => {
    const still = stillReturns(12, {});
    const chain = { 2: [1, 0], 4: [0.5, 0.5], 6: [0, 1] };
    const { metrics, rebalances, totalCost } = await backtest(storeDir, still, chain, {
      slippageBps: 0,
      commissionBps: 0,
    });
    assertEquals([metrics.turnover, rebalances, totalCost], [0.5, 3, 0]);
  }));

Deno.test("a daily rebalance trades on every bar, and its turnover leaves out the first purchase alone", () =>
  withStore(async (storeDir) => {
    // Half doubles on row 3: 2/3 of the wealth, of which 1/6 is sold on row 4.
    const moved = stillReturns(6, { 3: [1, 0] });
    const daily = {
      ...COSTS,
      slippageBps: 0,
      commissionBps: 0,
      rebalance: { mode: "daily" },
    } as const;
    const { metrics, rebalances } = await backtest(storeDir, moved, { 2: [0.5, 0.5] }, daily);
    assertEquals(rebalances, 4);
    assertAlmostEquals(metrics.turnover, (1 / 6) / 3, 1e-15);
  }));

Deno.test("turnover leaves out the first purchase also after windows in cash", () =>
  withStore(async (storeDir) => {
    const still = stillReturns(12, {});
    const chain = { 2: [0, 0], 4: [1, 0], 6: [0.75, 0.25] };
    assertEquals((await backtest(storeDir, still, chain)).metrics.turnover, 0.25);
  }));

Deno.test("without a change after the first purchase there is no turnover", () =>
  withStore(async (storeDir) => {
    const still = stillReturns(12, {});
    const chains: Chain[] = [{ 2: [1, 0] }, { 2: [0, 0] }, { 2: [0, 0], 4: [0, 0], 6: [1, 0] }];
    for (const chain of chains) {
      assertEquals((await backtest(storeDir, still, chain)).metrics.turnover, NaN);
    }
  }));

Deno.test("concentration is the mean over the targets that hold something", () =>
  withStore(async (storeDir) => {
    const still = stillReturns(12, {});
    const chain = { 2: [0, 0], 4: [1, 0], 6: [0.5, 0.5] };
    assertEquals((await backtest(storeDir, still, chain)).metrics.hhi, 0.75);
  }));

Deno.test("the dates of the max drawdown are timestamps of the panel's rows", () =>
  withStore(async (storeDir) => {
    // Bars 0, 1, 2 after row 3: down, further down, back above the peak.
    const panel = stillReturns(12, { 4: [-0.1, 0], 5: [-0.2, 0], 7: [0.5, 0] });
    const { metrics } = await backtest(storeDir, panel, { 3: [1, 0] });
    const rows = [metrics.max_drawdown_start, metrics.max_drawdown_trough].map((timestampS) =>
      panel.timestampsS.indexOf(timestampS)
    );
    assert(rows[0] >= 3 && rows[0] <= 4, `the drawdown starts in row ${rows[0]}`);
    assertEquals(rows[1], 5);
    assertEquals(metrics.max_drawdown_recovery, panel.timestampsS[7]);
  }));

Deno.test("a drawdown that has not recovered has no date of recovery, and none has none at all", () =>
  withStore(async (storeDir) => {
    const falling = stillReturns(12, { 4: [-0.1, 0] });
    assertEquals(
      (await backtest(storeDir, falling, { 3: [1, 0] })).metrics.max_drawdown_recovery,
      NaN,
    );
    const rising = stillReturns(12, { 4: [0.1, 0] });
    const free = { slippageBps: 0, commissionBps: 0 };
    const { metrics } = await backtest(storeDir, rising, { 3: [1, 0] }, free);
    assertEquals(metrics.max_drawdown_start, NaN);
    assertEquals(metrics.max_drawdown_trough, NaN);
  }));

Deno.test("the loss of all wealth has its date, and ends the chain", () =>
  withStore(async (storeDir) => {
    const panel = stillReturns(12, { 5: [-1, 0], 9: [0.5, 0.5] });
    const summary = await backtest(storeDir, panel, { 3: [1, 0], 8: [0, 1] });
    assertEquals(summary.ruinedAtS, panel.timestampsS[5]);
    assertEquals([...(await storedReturns(summary)).subarray(3)], [0, 0, 0, 0, 0, 0]);
    assertEquals(summary.metrics.total_return, -1);
  }));

Deno.test("bars in which a held asset has no return are counted", () =>
  withStore(async (storeDir) => {
    const panel = stillReturns(12, { 5: [NaN, 0], 6: [0, NaN] });
    assertEquals((await backtest(storeDir, panel, { 3: [1, 0] })).unpricedBars, 1);
  }));
