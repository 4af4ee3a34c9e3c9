import { assert, assertAlmostEquals, assertEquals, assertRejects } from "@std/assert";
import { TASK_BODY } from "../../cluster/protocol/body.ts";
import { UserError } from "../../src/base/errors.ts";
import { NO_OWN, type OwnKind } from "../../src/manifest/own_config.ts";
import { checkOwn, ownDescriptors, ownReference } from "../../src/production/own/load_own.ts";
import { backtestCandidate } from "../../src/production/tasks/backtest_candidate.ts";
import { clusterWindow } from "../../src/production/tasks/cluster_window.ts";
import { optimiseWindow } from "../../src/production/tasks/optimise_window.ts";
import { ALL } from "../../src/production/tasks/window_assets.ts";
import type { Ohlcv } from "../../src/quant/ohlcv.ts";
import { EXECUTION, randomReturns } from "./panels.ts";

const MODULE = "testdata/examples/own.ts";
const OWN = {
  profiles: { tilt: { module: MODULE, exportName: "inverseVolatility" } },
  strategies: { top3: { module: MODULE, exportName: "momentumTop3" } },
  simulators: { free: { module: MODULE, exportName: "frictionless" } },
  metrics: { gain_to_pain: { module: MODULE, exportName: "gainToPain" } },
};
const PANEL = randomReturns(3, 160, 6);
const TRAIN = { from: 20, to: 120 };
const SETTINGS = { periodsPerYear: 252, clusterCap: 1, maxWeight: 0.3, riskFreeRate: 0 };

async function reference<K extends OwnKind>(kind: K, name: string) {
  return (await ownReference(OWN, kind, name))!;
}

async function weigh(
  kind: "profiles" | "strategies",
  name: string,
  panel = PANEL,
  exportName?: string,
  module = MODULE,
) {
  const clusters = await clusterWindow[TASK_BODY](TRAIN, ALL, panel, {
    lookbacks: [60],
    cutHeight: 0.7,
    maxClusters: 25,
  });
  const found = await reference(kind, name);
  const own = { ...found, kind, module, exportName: exportName ?? found.exportName };
  return await optimiseWindow[TASK_BODY](
    { train: TRAIN, universe: ALL, clusters, engine: "flat", profile: "hrp", own },
    panel,
    SETTINGS,
  );
}

Deno.test("an optimiser of one's own is given the limits, and its weights are those of the window", async () => {
  const allocation = await weigh("profiles", "tilt");
  assert(allocation.status === "optimal");
  assertAlmostEquals(allocation.weights.reduce((sum, weight) => sum + weight, 0), 1, 1e-9);
  assert(allocation.weights.every((weight) => weight > 0 && weight <= 0.3));
});

Deno.test("a strategy of one's own holds what rose most in training, whatever happens later", async () => {
  const allocation = await weigh("strategies", "top3");
  assert(allocation.status === "optimal");
  const held = [...allocation.weights].filter((weight) => weight !== 0);
  assert(held.length <= 3 && held.every((weight) => weight === 1 / 3));
  const later = PANEL.values.slice().fill(9, TRAIN.to * 6);
  assertEquals(await weigh("strategies", "top3", { ...PANEL, values: later }), allocation);
});

Deno.test("what is wrong with one's own is told with its name: a missing module or export, a metric that is none", async () => {
  const module = { module: MODULE, exportName: "momentumTop4" };
  const { hint } = await assertRejects(
    () => checkOwn({ ...NO_OWN, strategies: { top4: module } }),
    UserError,
    "Cannot load own.strategies.top4 from testdata/examples/own.ts: it has no export momentumTop4",
  );
  assert(hint?.includes("momentumTop3"));
  await assertRejects(
    () => checkOwn({ ...NO_OWN, metrics: { bad: { ...module, exportName: "frictionless" } } }),
    UserError,
    "frictionless is no metric",
  );
  const gone = { ...module, module: "testdata/none.ts" };
  await assertRejects(() => checkOwn({ ...NO_OWN, profiles: { gone } }), UserError, "none.ts");
  await checkOwn(OWN);
  assertEquals((await ownDescriptors(OWN)).map(({ name, unit }) => [name, unit]), [
    ["gain_to_pain", "ratio"],
  ]);
});

Deno.test("what an optimiser or a strategy must not give fails the task, and is named", async () => {
  const bad = (kind: "profiles" | "strategies", exportName: string) =>
    weigh(
      kind,
      kind === "profiles" ? "tilt" : "top3",
      PANEL,
      exportName,
      "tests/production/own_mistakes.ts",
    );
  const refused = async (kind: "profiles" | "strategies", exportName: string, message: string) => {
    await assertRejects(() => bad(kind, exportName), TypeError, message);
  };
  await refused("profiles", "tooFew", "6 wanted, got 1");
  await refused("profiles", "notANumber", "weight 0 is NaN");
  await refused("strategies", "unknownSymbol", "Cannot hold NONE of own strategy top3");
  const beyond = await bad("profiles", "allInOne");
  assert(beyond.status === "relaxed");
  assertEquals(beyond.relaxations, ["limits_exceeded:0.700"]);
});

Deno.test("a simulator and a metric of one's own make a backtest: held exactly and free of costs", async () => {
  const storeDir = await Deno.makeTempDir();
  try {
    const weights = Float64Array.of(0.5, 0.5, 0, 0, 0, 0);
    const none = new Float64Array(PANEL.values.length).fill(NaN);
    const bars: Ohlcv = {
      ...{ open: none, high: none, low: none, close: none, volume: none },
      timestampsS: PANEL.timestampsS,
      symbols: PANEL.symbols,
    };
    const { metrics } = await backtestCandidate[TASK_BODY](
      {
        targets: [{ row: 120, weights }],
        simulator: "vectorized",
        own: await reference("simulators", "free"),
        rebalance: { mode: "window" },
      },
      PANEL,
      bars,
      {
        ...{ slippageBps: 5, commissionBps: 1, initialWealth: 1, periodsPerYear: 252 },
        ...{ riskFreeRate: 0, windowStarts: [0], execution: EXECUTION },
        ownMetrics: [await reference("metrics", "gain_to_pain")],
      },
      storeDir,
    );
    let wealth = 1, gains = 0, losses = 0;
    for (let row = 120; row < 160; row++) {
      const r = 0.5 * (PANEL.values[row * 6] + PANEL.values[row * 6 + 1]);
      wealth *= 1 + r;
      gains += r;
      losses -= Math.min(r, 0);
    }
    assertAlmostEquals(metrics.total_return, wealth - 1, 1e-12);
    assertAlmostEquals(metrics.gain_to_pain, gains / losses, 1e-12);
  } finally {
    await Deno.remove(storeDir, { recursive: true });
  }
});
