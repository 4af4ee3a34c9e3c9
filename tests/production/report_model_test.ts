import { assert, assertAlmostEquals, assertEquals, assertMatch } from "@std/assert";
import { TASK_BODY } from "../../cluster/protocol/body.ts";
import { DEFAULTS, type ProductionConfig } from "../../src/manifest/config.ts";
import { readProvenance } from "../../src/production/provenance.ts";
import { backtestCandidate } from "../../src/production/tasks/backtest_candidate.ts";
import { equalWeightReturns } from "../../src/production/tasks/benchmark.ts";
import {
  type CandidateResult,
  type ReportInputs,
  reportModel,
} from "../../src/production/tasks/report_model.ts";
import { METRICS } from "../../src/quant/metrics/metric_descriptors.ts";
import { EXECUTION, randomReturns } from "./panels.ts";

const PANEL = randomReturns(5, 120, 3);
const FIRST_ROW = 60;
const TEST_ROWS = [60, 80, 100];
const IDENTITY = {
  runId: "r1",
  createdAt: "2026-01-01T00:00:00.000Z",
  ledgerHash: "f".repeat(64),
  artifacts: [],
};

async function candidate(
  profile: string,
  weights: number[],
  storeDir: string,
): Promise<CandidateResult> {
  const rows = TEST_ROWS.map(() => Float64Array.from(weights));
  const summary = await backtestCandidate[TASK_BODY](
    {
      targets: TEST_ROWS.map((row, i) => ({ row, weights: rows[i] })),
      simulator: "vectorized",
      rebalance: { mode: "window" },
    },
    PANEL,
    null,
    {
      slippageBps: 5,
      commissionBps: 1,
      execution: EXECUTION,
      initialWealth: 1,
      periodsPerYear: 252,
      riskFreeRate: 0,
      windowStarts: TEST_ROWS.map((row) => row - FIRST_ROW),
    },
    storeDir,
  );
  return {
    selection: "baseline",
    engine: "flat",
    rebalance: "window",
    simulator: "vectorized",
    profile,
    summary,
    weights: rows,
    remarks: ["one"],
  };
}

async function inputs(storeDir: string, isSynthetic: boolean): Promise<ReportInputs> {
  const config: ProductionConfig = {
    ...DEFAULTS,
    profileName: "p",
    manifestPath: "manifest.jsonc",
    prices: "/data/closes.csv",
    synthetic: isSynthetic,
    title: "A title",
  };
  return {
    config,
    source: { name: "closes.csv", sha256: "0".repeat(64) },
    symbols: PANEL.symbols,
    periodsPerYear: 252,
    fromS: PANEL.timestampsS[0],
    toS: PANEL.timestampsS[119],
    testStartsS: TEST_ROWS.map((row) => PANEL.timestampsS[row]),
    health: [{ symbol: "S0", status: "OK", reasons: [], quarantined: [] }],
    benchmark: {
      timestampsS: PANEL.timestampsS.slice(FIRST_ROW),
      returns: equalWeightReturns(PANEL, FIRST_ROW),
    },
    selections: [],
    regimes: [],
    clusters: null,
    crossValidation: { results: [], splits: 0, symbols: 3 },
    candidates: [
      await candidate("equal_weight", [1 / 3, 1 / 3, 1 / 3], storeDir),
      await candidate("hrp", [0.6, 0.4, 0], storeDir),
    ],
  };
}

async function withStore(use: (storeDir: string) => Promise<void>): Promise<void> {
  const storeDir = await Deno.makeTempDir();
  try {
    await use(storeDir);
  } finally {
    await Deno.remove(storeDir, { recursive: true });
  }
}

Deno.test("reportModel() has one bar a test row, one row of weights a window, and every candidate's series as stored", () =>
  withStore(async (storeDir) => {
    const model = await reportModel(await inputs(storeDir, false), IDENTITY);
    const { runId, createdAt, ledgerHash, artifacts } = model;
    assertEquals({ runId, createdAt, ledgerHash, artifacts }, IDENTITY);
    assertEquals([model.title, model.notices], ["A title", []]);
    assertEquals(model.prices.symbols, 3);
    assertEquals([model.prices.from, model.prices.to], ["2018-01-02", "2018-05-01"]);
    assertEquals(model.windows, {
      count: 3,
      train: 252,
      test: 20,
      step: 20,
      firstTestDay: "2018-03-03",
      lastTestDay: "2018-05-01",
    });
    const times = [...PANEL.timestampsS.subarray(FIRST_ROW)];
    assertEquals(model.benchmark?.timestampsS, times);
    assertEquals(model.candidates.map(({ profile }) => profile), ["equal_weight", "hrp"]);
    for (const { timestampsS, returns, weights, metrics, remarks } of model.candidates) {
      assertEquals(timestampsS, times);
      const growth = returns.reduce((wealth, value) => wealth * (1 + value), 1);
      assertAlmostEquals(growth - 1, metrics.total_return as number, 1e-12);
      assertEquals(weights.rows.map((row) => row.length), [3, 3, 3]);
      assertEquals(weights.testStartsS, TEST_ROWS.map((row) => PANEL.timestampsS[row]));
      assertEquals(remarks, ["one"]);
    }
    assertEquals(model.candidates[1].weights.rows[2], [0.6, 0.4, 0]);
  }));

Deno.test("reportModel() has a metric for every name that it describes, the deflated Sharpe below the probabilistic one", () =>
  withStore(async (storeDir) => {
    const { candidates, metricDescriptors, rankingMetric } = await reportModel(
      await inputs(storeDir, false),
      IDENTITY,
    );
    const names = METRICS.map(({ name }) => name);
    assertEquals(metricDescriptors.map(({ name }) => name), names);
    assert(names.includes(rankingMetric));
    for (const { metrics } of candidates) {
      assertEquals(Object.keys(metrics).sort(), [...names].sort());
      assert(metrics.deflated_sharpe! < metrics.probabilistic_sharpe!);
      assertMatch(String(metrics.max_drawdown_trough), /^2018-\d\d-\d\d$/);
    }
  }));

Deno.test("reportModel() says of invented prices that they are synthetic", () =>
  withStore(async (storeDir) => {
    const { notices } = await reportModel(await inputs(storeDir, true), IDENTITY);
    assertEquals(notices.length, 1);
    assertMatch(notices[0], /synthetic/);
  }));

Deno.test("readProvenance() names versions, the lock file and the commit, where there is one", async () => {
  const { versions, lockHash, gitHash } = await readProvenance();
  assertEquals(Object.keys(versions), ["tradewind", "deno", "v8", "typescript"]);
  assertEquals(versions.deno, Deno.version.deno);
  assertMatch(lockHash, /^[0-9a-f]{64}$/);
  if (gitHash !== null) assertMatch(gitHash, /^[0-9a-f]{40}$/);
});
