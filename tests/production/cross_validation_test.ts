import { assert, assertAlmostEquals, assertEquals, assertThrows } from "@std/assert";
import { TASK_BODY } from "../../cluster/protocol/body.ts";
import { UserError } from "../../src/base/errors.ts";
import { DEFAULTS } from "../../src/manifest/config.ts";
import { cutSplits } from "../../src/production/plan.ts";
import { crossValidationReport } from "../../src/production/report_parts/cross_validation_report.ts";
import { simulatePaths } from "../../src/production/tasks/test_paths.ts";
import { completeColumns, trainSplit } from "../../src/production/tasks/train_split.ts";
import { mean, sampleStd } from "../../src/quant/metrics/moments.ts";
import { sharpe } from "../../src/quant/metrics/risk_adjusted.ts";
import type { Panel } from "../../src/quant/panel.ts";
import {
  combinatorialSplits,
  type SplitRange,
} from "../../src/quant/walk_forward/combinatorial_splits.ts";
import series from "../reference/metrics/references.json" with { type: "json" };
import references from "../reference/cross_validation/references.json" with { type: "json" };
import { randomReturns } from "./panels.ts";

const FREE = {
  rebalance: { mode: "daily" },
  slippageBps: 0,
  commissionBps: 0,
  initialWealth: 1,
} as const;
const CLUSTERING = { lookbacks: [60], cutHeight: 0.7, maxClusters: 25 };
const ALLOCATION = { periodsPerYear: 252, clusterCap: 0.4, maxWeight: 0.4, riskFreeRate: 0 };

function referencePanel(): Panel {
  const { names, rows } = references;
  const columns = names.map((name) =>
    series.returns[name as "AAPL"].split(" ").slice(0, rows).map(Number)
  );
  return {
    timestampsS: Float64Array.from({ length: rows }, (_, row) => row * 86_400),
    symbols: names,
    values: Float64Array.from(
      { length: rows * names.length },
      (_, at) => columns[at % names.length][Math.floor(at / names.length)],
    ),
  };
}

function inverseVolatilities(panel: Panel, train: readonly SplitRange[]): Float64Array {
  const N = panel.symbols.length;
  const inverse = panel.symbols.map((_, column) =>
    1 / sampleStd(Float64Array.from(
      train.flatMap(({ from, to }) =>
        Array.from({ length: to - from }, (_, k) => panel.values[(from + k) * N + column])
      ),
    ))
  );
  const sum = inverse.reduce((total, value) => total + value, 0);
  return Float64Array.from(inverse, (value) => value / sum);
}

for (const { weights: name, groups, testGroups, purge, embargo, paths } of references.cases) {
  Deno.test(`paths of ${name} over ${testGroups} of ${groups} groups, purge ${purge}, embargo ${embargo}, are those of skfolio`, () => {
    const panel = referencePanel();
    const splits = { groups, testGroups, purge, embargo };
    const weights = combinatorialSplits(references.rows, splits).splits.map(({ train }) =>
      name === "equal" ? new Float64Array(3).fill(1 / 3) : inverseVolatilities(panel, train)
    );
    const found = simulatePaths({ ...FREE, splits, weights, step: 1000 }, panel);
    assertEquals(found.length, paths.length);
    found.forEach((returns, k) => {
      assertAlmostEquals(mean(returns), paths[k].mean, 1e-12);
      assertAlmostEquals(sharpe(returns, 1), paths[k].sharpe, 1e-9);
      const byRow = returns.reduce((sum, value, row) => sum + row * value, 0);
      assertAlmostEquals(byRow, paths[k].sum_by_row, 1e-9);
    });
  });
}

Deno.test("the weights of a split depend on its training rows alone: not on tests, purge, or embargo", async () => {
  const panel = randomReturns(11, 120, 6);
  const { splits } = combinatorialSplits(120, { groups: 4, testGroups: 1, purge: 2, embargo: 3 });
  const { train } = splits[1];
  const others = Float64Array.from(panel.values);
  for (let row = 0; row < 120; row++) {
    if (train.some(({ from, to }) => row >= from && row < to)) continue;
    for (let column = 0; column < 6; column++) others[row * 6 + column] = 0.5 - column * 0.1;
  }
  const chains = ["min_variance", "max_sharpe", "hrp"].map((profile) => ({
    engine: "clustered" as const,
    profile: profile as "hrp",
  }));
  const weigh = (values: Float64Array, rows = train) =>
    trainSplit[TASK_BODY](
      { train: rows, columns: completeColumns({ ...panel, values }), chains },
      { ...panel, values },
      CLUSTERING,
      ALLOCATION,
    );
  const trained = await weigh(panel.values);
  assertEquals(await weigh(others), trained);
  const [other] = await weigh(panel.values, splits[2].train);
  assert(other.status !== "infeasible" && trained[0].status !== "infeasible");
  assert(other.weights.some((weight, i) => weight !== (trained[0] as typeof other).weights[i]));
});

Deno.test("a symbol without a return on some row is held on no path", async () => {
  const panel = randomReturns(3, 80, 4);
  panel.values[2] = NaN;
  assertEquals([...completeColumns(panel)], [0, 1, 3]);
  const [allocation] = await trainSplit[TASK_BODY](
    {
      train: [{ from: 20, to: 80 }],
      columns: completeColumns(panel),
      chains: [{ engine: "flat", profile: "equal_weight" }],
    },
    panel,
    CLUSTERING,
    ALLOCATION,
  );
  assert(allocation.status !== "infeasible");
  assertEquals(allocation.weights[2], 0);
});

Deno.test("changing weights between the groups of a path costs what it trades", () => {
  const panel = { ...randomReturns(1, 8, 2), values: new Float64Array(16) };
  const weights = [Float64Array.of(1, 0), Float64Array.of(0, 1)];
  const splits = { groups: 2, testGroups: 1 };
  const rebalance = { mode: "window" } as const;
  const [returns] = simulatePaths(
    { ...FREE, rebalance, splits, weights, step: 100, slippageBps: 90, commissionBps: 10 },
    panel,
  );
  // Buying all costs 1 %; selling one and buying the other 2 %.
  assertEquals([...returns].map((value) => Math.round(value * 1e6) / 1e6 || 0), [
    -0.01,
    0,
    0,
    0,
    -0.02,
    0,
    0,
    0,
  ]);
});

function cutBy(cross_validation: object) {
  const backtest = { ...DEFAULTS.backtest, cross_validation } as typeof DEFAULTS.backtest;
  return { backtest };
}

Deno.test("cutSplits() cuts none where nobody asked, and says what cannot be cut", () => {
  assertEquals(cutSplits(100, { backtest: DEFAULTS.backtest }), undefined);
  assertEquals(cutSplits(100, cutBy({ groups: 6, test_groups: 2 }))!.splits.length, 15);
  assertThrows(
    () => cutSplits(100, cutBy({ groups: 40, test_groups: 20 })),
    UserError,
    "more than 10000",
  );
  assertThrows(
    () => cutSplits(40, cutBy({ groups: 4, test_groups: 2, purge: 10 })),
    UserError,
    "purge 10 and embargo 0 leave split 1 0 rows to train on",
  );
});

Deno.test("crossValidationReport() tells the distribution of the paths' Sharpe ratios, and no overfitting without a choice", () => {
  const path = (value: number) => ({
    sharpe: value,
    annualizedReturn: 0.1,
    annualizedVolatility: 0.2,
    maxDrawdown: NaN,
  });
  const summary = {
    paths: [path(2), path(-1), path(1), path(4)],
    storeDir: "/s",
    returns: { sha256: "", sizeBytes: 0, extension: ".parquet" },
  };
  const candidate = { selection: "baseline", engine: "flat", profile: "hrp", rebalance: "daily" };
  const report = crossValidationReport(
    { ...cutBy({ groups: 4, test_groups: 2 }) } as Parameters<typeof crossValidationReport>[0],
    [{ ...candidate, summary, infeasibleSplits: 1 }],
    6,
    4,
    [Float64Array.of(1, 2, 3, 4)],
  )!;
  assertEquals(report.overfitting, null);
  const [{ sharpe: distribution, paths, infeasibleSplits }] = report.candidates;
  assertEquals(distribution, {
    lowest: -1,
    median: 1.5,
    highest: 4,
    mean: 1.5,
    std: Math.sqrt((0.25 + 6.25 + 0.25 + 6.25) / 3),
    lossShare: 0.25,
  });
  assertEquals([paths[0].maxDrawdown, infeasibleSplits], [null, 1]);
});
