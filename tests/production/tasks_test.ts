import { assert, assertAlmostEquals, assertEquals } from "@std/assert";
import fc from "fast-check";
import { TASK_BODY } from "../../cluster/protocol/body.ts";
import { numbersOf } from "../../src/lakehouse/columns.ts";
import { readColumns } from "../../src/lakehouse/parquet/parquet_file.ts";
import type { Panel } from "../../src/quant/panel.ts";
import { artifactPath } from "../../src/production/tasks/artifact_store.ts";
import { backtestCandidate } from "../../src/production/tasks/backtest_candidate.ts";
import { clusterWindow } from "../../src/production/tasks/cluster_window.ts";
import { optimiseWindow, type WindowWeights } from "../../src/production/tasks/optimise_window.ts";
import { storeWeights } from "../../src/production/tasks/store_weights.ts";
import { ALL } from "../../src/production/tasks/window_assets.ts";
import { EXECUTION, randomReturns } from "./panels.ts";

const CLUSTERING = { lookbacks: [60, 120], cutHeight: 0.7, maxClusters: 25 };
const SETTINGS = { periodsPerYear: 252, clusterCap: 0.4, maxWeight: 0.4, riskFreeRate: 0 };
const TRAIN = { from: 20, to: 140 };

async function weigh(
  panel: Panel,
  engine: "clustered" | "flat",
  profile: "equal_weight" | "min_variance" | "hrp" | "risk_parity" | "max_sharpe",
): Promise<WindowWeights> {
  const clusters = await clusterWindow[TASK_BODY](TRAIN, ALL, panel, CLUSTERING);
  return await optimiseWindow[TASK_BODY](
    { train: TRAIN, universe: ALL, clusters, engine, profile },
    panel,
    SETTINGS,
  );
}

function weightsOf(allocation: WindowWeights): Float64Array {
  if (allocation.status === "infeasible") throw new Error(allocation.reason);
  return allocation.weights;
}

Deno.test("weights and clusters depend on training rows alone, whatever the other rows hold", async () => {
  const panel = randomReturns(7, 200, 8);
  const clusters = await clusterWindow[TASK_BODY](TRAIN, ALL, panel, CLUSTERING);
  const engines = fc.constantFrom("clustered" as const, "flat" as const);
  const profiles = fc.constantFrom(
    ...(["equal_weight", "min_variance", "hrp", "risk_parity", "max_sharpe"] as const),
  );
  const replaced = fc.oneof(fc.constant(NaN), fc.double({ min: -0.9, max: 5, noNaN: true }));
  await fc.assert(
    fc.asyncProperty(engines, profiles, replaced, async (engine, profile, value) => {
      const values = panel.values.slice();
      values.fill(value, 0, TRAIN.from * 8);
      values.fill(value, TRAIN.to * 8);
      const changed = { ...panel, values };
      assertEquals(await clusterWindow[TASK_BODY](TRAIN, ALL, changed, CLUSTERING), clusters);
      assertEquals(await weigh(changed, engine, profile), await weigh(panel, engine, profile));
    }),
    { numRuns: 25 },
  );
});

Deno.test("weights do change with a training row", async () => {
  const panel = randomReturns(7, 200, 8);
  const values = panel.values.slice();
  values[(TRAIN.to - 1) * 8] += 0.05;
  const before = weightsOf(await weigh(panel, "flat", "min_variance"));
  const after = weightsOf(await weigh({ ...panel, values }, "flat", "min_variance"));
  assert(before.some((weight, i) => weight !== after[i]));
});

Deno.test("an asset without a return on every training row waits with weight 0", async () => {
  const panel = randomReturns(3, 200, 6);
  for (let row = 0; row < TRAIN.from + 1; row++) panel.values[row * 6 + 2] = NaN;
  const weights = weightsOf(await weigh(panel, "flat", "equal_weight"));
  assertEquals([...weights].map((weight) => weight > 0), [true, true, false, true, true, true]);
  assertAlmostEquals(weights.reduce((sum, weight) => sum + weight, 0), 1, 1e-12);
});

Deno.test("a window in which no asset is complete is infeasible, and says so", async () => {
  const panel = randomReturns(3, 200, 2);
  panel.values[TRAIN.from * 2] = NaN;
  panel.values[TRAIN.from * 2 + 1] = NaN;
  assertEquals(await weigh(panel, "clustered", "hrp"), {
    status: "infeasible",
    reason: "no asset has a return on every training row",
  });
});

Deno.test("a backtest's file compounds to its total return; its dates are times; turnover leaves the first purchase out", async () => {
  const storeDir = await Deno.makeTempDir();
  const panel = randomReturns(11, 100, 3);
  const even = new Float64Array(3).fill(1 / 3);
  const targets = [40, 60, 80].map((row) => ({ row, weights: even }));
  const summary = await backtestCandidate[TASK_BODY](
    { targets, simulator: "vectorized", rebalance: { mode: "window" } },
    panel,
    null,
    {
      slippageBps: 5,
      commissionBps: 1,
      execution: EXECUTION,
      initialWealth: 1000,
      periodsPerYear: 252,
      riskFreeRate: 0,
      windowStarts: [0, 20, 40],
    },
    storeDir,
  );
  const columns = await readColumns(artifactPath(storeDir, summary.returns));
  const growth = numbersOf(columns, "return").reduce((wealth, value) => wealth * (1 + value), 1);
  assertAlmostEquals(growth - 1, summary.metrics.total_return, 1e-12);
  assertAlmostEquals(growth * 1000, summary.finalWealth, 1e-9);
  assertEquals(numbersOf(columns, "timestamp"), panel.timestampsS.slice(40));
  // Rebalancing a third each after 20 days of drift moves little; buying them moved a half.
  assert(
    summary.metrics.turnover > 0 && summary.metrics.turnover < 0.1,
    `${summary.metrics.turnover}`,
  );
  assertAlmostEquals(summary.metrics.hhi, 1 / 3, 1e-12);
  assert([...panel.timestampsS].includes(summary.metrics.max_drawdown_trough));
  assertEquals([summary.rebalances, summary.unpricedBars, summary.ruinedAtS], [3, 0, null]);
  await Deno.remove(storeDir, { recursive: true });
});

Deno.test("the table of weights has a row for each weight above zero", async () => {
  const storeDir = await Deno.makeTempDir();
  const { artifact } = await storeWeights[TASK_BODY](
    [{
      window: 4,
      testStartS: 86_400,
      testEndS: 172_800,
      selection: "baseline",
      engine: "flat",
      profile: "hrp",
      weights: new Float64Array([0.25, 0, 0.75]),
    }],
    ["A", "B", "C"],
    storeDir,
  );
  const columns = await readColumns(artifactPath(storeDir, artifact));
  assertEquals(columns.map(({ name, values }) => [name, [...values]]), [
    ["window", [4, 4]],
    ["test_start", [86_400, 86_400]],
    ["test_end", [172_800, 172_800]],
    ["selection", ["baseline", "baseline"]],
    ["engine", ["flat", "flat"]],
    ["profile", ["hrp", "hrp"]],
    ["symbol", ["A", "C"]],
    ["weight", [0.25, 0.75]],
  ]);
  await Deno.remove(storeDir, { recursive: true });
});
