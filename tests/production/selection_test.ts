import { assert, assertEquals, assertMatch } from "@std/assert";
import fc from "fast-check";
import { TASK_BODY } from "../../cluster/protocol/body.ts";
import { DEFAULTS } from "../../src/manifest/config.ts";
import type { SelectionDecision } from "../../src/production/selection.ts";
import { selectionAudit } from "../../src/production/selection_audit.ts";
import { selectionReports } from "../../src/production/selection_report.ts";
import { clusterWindow } from "../../src/production/tasks/cluster_window.ts";
import { optimiseWindow } from "../../src/production/tasks/optimise_window.ts";
import { selectWindow, type SymbolFacts } from "../../src/production/tasks/select_window.ts";
import { ALL, trainingWindow, type Universe } from "../../src/production/tasks/window_assets.ts";
import type { ProfileName } from "../../src/quant/optimizers/profiles.ts";
import { adaptiveProfile } from "../../src/quant/regime/adaptive_profile.ts";
import { readMarket } from "../../src/quant/regime/read_market.ts";
import type { SelectionSettings } from "../../src/quant/selection/selection.ts";
import { LOGICS, makeAtoms } from "../../src/quant/synthesis/atom.ts";
import { randomReturns } from "./panels.ts";

const ROWS = 200;
const SYMBOLS = 12;
const TRAIN = { from: 30, to: 150 };
const CLUSTERING = { lookbacks: [60, 120], cutHeight: 0.7, maxClusters: 25 };
const SELECTION: SelectionSettings = {
  mode: "ladder",
  lookback: 100,
  topN: 2,
  threshold: 0.4,
  minWinners: 4,
  maxWinners: 8,
  directions: ["LONG", "SHORT"],
  periodsPerYear: 252,
  clustering: CLUSTERING,
};
const FACTS: SymbolFacts = {
  annualFrictions: new Float64Array(SYMBOLS).fill(0.01),
  dailyValues: null,
  liquidValue: 1e7,
  identities: Array.from({ length: SYMBOLS }, (_, i) => `asset ${i}`),
  hasExecution: new Array(SYMBOLS).fill(null),
};
const WINDOW = { index: 0, trainFrom: 30, trainTo: 150, testFrom: 150, testTo: 170 };
const PANEL = randomReturns(31, ROWS, SYMBOLS);

const changes = fc.array(
  fc.tuple(
    fc.nat(ROWS * SYMBOLS - 1),
    fc.oneof(fc.constant(NaN), fc.double({ min: -0.9, max: 5, noNaN: true })),
  ),
  { minLength: 1 },
);

const isTrainingRow = (at: number) => {
  const row = Math.floor(at / SYMBOLS);
  return row >= TRAIN.from && row < TRAIN.to;
};

async function choose(values: Float64Array) {
  return await selectWindow[TASK_BODY](TRAIN, { ...PANEL, values }, SELECTION, FACTS);
}

Deno.test("no row outside of the training range changes a selection or a word of its audit", async () => {
  const before = await choose(PANEL.values);
  await fc.assert(
    fc.asyncProperty(changes, async (cells) => {
      const values = PANEL.values.slice();
      for (const [at, value] of cells) if (!isTrainingRow(at)) values[at] = value;
      assertEquals(await choose(values), before);
    }),
    { numRuns: 30 },
  );
});

Deno.test("other training rows make another selection", async () => {
  const values = PANEL.values.slice();
  values.set(
    randomReturns(32, ROWS, SYMBOLS).values.subarray(100 * SYMBOLS, 150 * SYMBOLS),
    100 * SYMBOLS,
  );
  assert(JSON.stringify(await choose(values)) !== JSON.stringify(await choose(PANEL.values)));
});

Deno.test("selectWindow() judges the symbols that are complete in training, and names winners by their columns of the panel", async () => {
  const values = PANEL.values.slice();
  values[40 * SYMBOLS] = NaN;
  const { selection } = await choose(values);
  assertEquals(selection?.assets.map(({ symbol }) => symbol), PANEL.symbols.slice(1));
  assert(selection!.winners.length >= SELECTION.minWinners);
  for (const { index, symbol } of selection!.winners) assertEquals(PANEL.symbols[index], symbol);
  assertEquals(await choose(values.map(() => NaN)), { selection: undefined });
});

async function allocate(universe: Universe, values = PANEL.values) {
  const panel = { ...PANEL, values };
  const clusters = await clusterWindow[TASK_BODY](TRAIN, universe, panel, CLUSTERING);
  return await optimiseWindow[TASK_BODY](
    { train: TRAIN, universe, clusters, engine: "clustered", profile: "min_variance" },
    panel,
    { periodsPerYear: 252, clusterCap: 0.4, maxWeight: 0.4, riskFreeRate: 0 },
  );
}

Deno.test("only what was selected gets a weight", async () => {
  const allocation = await allocate({ type: "columns", columns: Int32Array.of(1, 4, 5, 9) });
  assert(allocation.status !== "infeasible");
  const held = [...allocation.weights.keys()].filter((column) => allocation.weights[column] > 0);
  assert(held.length > 1 && held.every((column) => [1, 4, 5, 9].includes(column)));
  assertEquals(await allocate({ type: "columns", columns: new Int32Array() }), {
    status: "infeasible",
    reason: "nothing that was selected has a return on every training row",
  });
});

const ATOMS = makeAtoms(
  [0, 3, 7].map((column) => ({ symbol: `S${column}`, column, direction: "LONG" })),
  LOGICS,
  [20],
);

Deno.test("weights of atoms depend on training rows and the bars that their timescale needs before them, and never on later ones", async () => {
  const before = await allocate({ type: "atoms", atoms: ATOMS });
  assert(before.status !== "infeasible");
  assertEquals(before.weights.length, ATOMS.length);
  await fc.assert(
    fc.asyncProperty(changes, async (cells) => {
      const values = PANEL.values.slice();
      for (const [at, value] of cells) {
        const row = Math.floor(at / SYMBOLS);
        if (row < TRAIN.from - 20 || row >= TRAIN.to) values[at] = value;
      }
      assertEquals(await allocate({ type: "atoms", atoms: ATOMS }, values), before);
    }),
    { numRuns: 10 },
  );
});

Deno.test("an atom that is never held in training is left to the others", () => {
  const values = PANEL.values.slice();
  for (let row = 0; row < TRAIN.to; row++) values[row * SYMBOLS] = -0.01;
  const { assets, N } = trainingWindow({ ...PANEL, values }, TRAIN, {
    type: "atoms",
    atoms: ATOMS,
  });
  const names = [...assets].map((atom) => ATOMS[atom].name);
  assertEquals(N, ATOMS.length - 1);
  assert(!names.includes("S0_trend_LONG_20b") && names.includes("S3_trend_LONG_20b"));
});

async function decisionsOf(...panels: Float64Array[]): Promise<SelectionDecision[]> {
  return await Promise.all(panels.map(async (values, index) => ({
    window: { ...WINDOW, index },
    selection: (await choose(values)).selection,
  })));
}

Deno.test("the audit file is JSON with a reason for every candidate, and null for what is not known", async () => {
  const decisions = await decisionsOf(PANEL.values, PANEL.values.map(() => NaN));
  const audit = JSON.parse(
    selectionAudit(DEFAULTS.selection, new Map([["ladder", decisions]]), PANEL),
  );
  assertEquals([audit.settings, audit.symbols], [DEFAULTS.selection, [...PANEL.symbols]]);
  const [first, second] = audit.decisions;
  assertEquals([first.mode, first.window, first.train_start], [
    ...["ladder", 0, "2018-02-01T00:00:00.000Z"],
  ]);
  assertEquals(first.candidates.length, SYMBOLS);
  assertEquals(first.winners, decisions[0].selection?.winners.map(({ symbol }) => symbol));
  for (const { reason, features, score } of first.candidates) {
    assertMatch(reason, /\w/);
    assertEquals(features.liquidity, null);
    assert(score > 0 && score <= 1);
  }
  assertEquals([second.candidates, second.winners, second.steps], [[], [], []]);
  assertEquals(JSON.parse(selectionAudit(DEFAULTS.selection, new Map(), PANEL)).decisions, []);
});

Deno.test("selectionReports() counts how often each symbol was chosen, and how much selections have in common", async () => {
  const decisions = await decisionsOf(PANEL.values, PANEL.values);
  const reportOf = (taken: SelectionDecision[]) =>
    selectionReports(new Map([["ladder", taken]]), PANEL, "a.json")[0];
  const report = reportOf(decisions);
  const winners = new Set(decisions[0].selection?.winners.map(({ symbol }) => symbol));
  assertEquals(report.stability, 1);
  assertEquals(report.winners, { least: winners.size, most: winners.size });
  assertEquals(
    report.assets.map(({ chosen }) => chosen),
    PANEL.symbols.map((symbol) => winners.has(symbol) ? 2 : 0),
  );
  assertEquals(report.steps.reduce((sum, { winners }) => sum + winners, 0), 2 * winners.size);
  const none = await decisionsOf(PANEL.values, PANEL.values.map(() => NaN));
  assertEquals(reportOf(none).stability, 0);
  assertEquals(reportOf(none.slice(1)).assets[0].last, null);
  assertEquals(selectionReports(new Map(), PANEL, "a.json"), []);
});

Deno.test("selectWindow() counts liquidity where traded values are known, and takes by them alone in the mode liquid", async () => {
  const dailyValues = Float64Array.from({ length: SYMBOLS }, (_, i) => i === 3 ? NaN : i * 1e6);
  const facts = { ...FACTS, dailyValues };
  const ladder = await selectWindow[TASK_BODY](TRAIN, PANEL, SELECTION, facts);
  assertEquals(ladder.selection?.assets.map(({ features }) => features?.liquidity), [
    ...[0, 0.1, 0.2, NaN, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1, 1],
  ]);
  assertEquals(ladder.selection?.assets[3].reason, "it lacks a feature that the others have");
  const settings: SelectionSettings = { ...SELECTION, mode: "liquid", maxWinners: 4 };
  const liquid = await selectWindow[TASK_BODY](TRAIN, PANEL, settings, facts);
  assertEquals(liquid.selection?.winners.map(({ index }) => index), [8, 9, 10, 11]);
});

Deno.test("the adaptive profile is that of the quadrant that all symbols were in during training", async () => {
  const clusters = await clusterWindow[TASK_BODY](TRAIN, ALL, PANEL, CLUSTERING);
  const weigh = async (profile: ProfileName) =>
    await optimiseWindow[TASK_BODY](
      { train: TRAIN, universe: ALL, clusters, engine: "flat", profile },
      PANEL,
      { periodsPerYear: 252, clusterCap: 0.4, maxWeight: 0.4, riskFreeRate: 0 },
    );
  const market = readMarket(trainingWindow(PANEL, TRAIN), 252);
  const adaptive = await weigh("adaptive");
  assert(market !== undefined && adaptive.status !== "infeasible");
  const { market: reading, ...allocation } = adaptive;
  assertEquals(reading, market);
  const { market: _, ...expected } = await weigh(
    adaptiveProfile(market.quadrant),
  ) as typeof adaptive;
  assertEquals(allocation, expected);
});

Deno.test("selectWindow() takes one symbol an identity, and none of which it is not known how to trade it", async () => {
  const identities = FACTS.identities.map((name, i) => i < 6 ? "one" : name);
  const hasExecution = FACTS.hasExecution.map((_, i) => i === 0 ? null : i !== 7);
  const facts = { ...FACTS, identities, hasExecution };
  const { selection } = await selectWindow[TASK_BODY](TRAIN, PANEL, SELECTION, facts);
  const columns = selection!.winners.map(({ index }) => index);
  assert(columns.filter((column) => column < 6).length <= 1);
  assert(!columns.includes(7));
  assertEquals(
    selection!.assets[7].reason,
    "vetoed: its lot size, tick and fees are not known",
  );
  assert(selection!.assets.some(({ reason }) => reason.includes("is the same asset")));
});
