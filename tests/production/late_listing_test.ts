import { assert, assertAlmostEquals, assertEquals } from "@std/assert";
import fc from "fast-check";
import { TASK_BODY } from "../../cluster/protocol/body.ts";
import { clusterWindow } from "../../src/production/tasks/cluster_window.ts";
import { optimiseWindow } from "../../src/production/tasks/optimise_window.ts";
import { ALL, trainingWindow } from "../../src/production/tasks/window_assets.ts";
import { ENGINE_NAMES } from "../../src/quant/engines/engine_names.ts";
import { PROFILE_NAMES } from "../../src/quant/optimizers/profiles.ts";
import type { Panel } from "../../src/quant/panel.ts";
import { walkForwardWindows } from "../../src/quant/walk_forward/walk_forward_windows.ts";
import { randomReturns } from "./panels.ts";

const ROWS = 90;
const SYMBOLS = 5;
const CLUSTERING = { lookbacks: [10, 20], cutHeight: 0.7, maxClusters: 5 };
const SETTINGS = { periodsPerYear: 252, clusterCap: 0.5, maxWeight: 0.5, riskFreeRate: 0 };

const settings = fc.record({
  train: fc.integer({ min: 15, max: 30 }),
  test: fc.constant(10),
  step: fc.constant(10),
  anchored: fc.boolean(),
});
const choice = fc.record({
  engine: fc.constantFrom(...ENGINE_NAMES),
  // market and adaptive need to know of a market, which these windows have none of.
  profile: fc.constantFrom(...PROFILE_NAMES.filter((name) => !/^(market|adaptive)$/.test(name))),
});

/** The first row of each symbol that has a return. */
const listings = fc.array(fc.integer({ min: 0, max: ROWS }), {
  minLength: SYMBOLS,
  maxLength: SYMBOLS,
});

function listedFrom(panel: Panel, firstRows: readonly number[]): Panel {
  const values = panel.values.map((value, at) =>
    Math.floor(at / SYMBOLS) < firstRows[at % SYMBOLS] ? NaN : value
  );
  return { ...panel, values };
}

async function allocate(
  panel: Panel,
  train: { readonly from: number; readonly to: number },
  { engine, profile }: {
    readonly engine: typeof ENGINE_NAMES[number];
    readonly profile: typeof PROFILE_NAMES[number];
  },
) {
  const clusters = await clusterWindow[TASK_BODY](train, ALL, panel, CLUSTERING);
  const allocation = await optimiseWindow[TASK_BODY](
    { train, universe: ALL, clusters, engine, profile },
    panel,
    SETTINGS,
  );
  return { clusters, allocation };
}

Deno.test("in every window a symbol has a weight only once it has a return on every training row", async () => {
  const panel = randomReturns(21, ROWS, SYMBOLS);
  await fc.assert(
    fc.asyncProperty(settings, choice, listings, async (cut, chosen, firstRows) => {
      const listed = listedFrom(panel, firstRows);
      for (const { trainFrom: from, trainTo: to } of walkForwardWindows(ROWS, cut)) {
        const complete = firstRows.map((row) => row <= from);
        const { clusters, allocation } = await allocate(listed, { from, to }, chosen);
        if (!complete.includes(true)) {
          assertEquals(clusters, undefined);
          assertEquals(allocation, {
            status: "infeasible",
            reason: "no asset has a return on every training row",
          });
          continue;
        }
        assertEquals(clusters?.labels.length, complete.filter((is) => is).length);
        assert(allocation.status !== "infeasible", JSON.stringify(allocation));
        const { weights } = allocation;
        assert(weights.every((weight, i) => complete[i] ? weight >= -1e-12 : weight === 0));
        assertAlmostEquals(weights.reduce((sum, weight) => sum + weight, 0), 1, 1e-9);
      }
    }),
    { numRuns: 15 },
  );
});

Deno.test("no row at or after the end of the training range moves a weight or a cluster, nor does one before it", async () => {
  const panel = randomReturns(22, ROWS, SYMBOLS);
  const value = fc.oneof(fc.constant(NaN), fc.double({ min: -0.99, max: 10, noNaN: true }));
  const cells = fc.array(fc.tuple(fc.nat({ max: ROWS * SYMBOLS - 1 }), value), { minLength: 1 });
  await fc.assert(
    fc.asyncProperty(settings, choice, fc.nat(), cells, async (cut, chosen, pick, changes) => {
      const windows = walkForwardWindows(ROWS, cut);
      const { trainFrom: from, trainTo: to } = windows[pick % windows.length];
      const values = panel.values.slice();
      for (const [at, changed] of changes) {
        const row = Math.floor(at / SYMBOLS);
        if (row < from || row >= to) values[at] = changed;
      }
      assertEquals(
        await allocate({ ...panel, values }, { from, to }, chosen),
        await allocate(panel, { from, to }, chosen),
      );
    }),
    { numRuns: 40 },
  );
});

Deno.test("trainingWindow() holds the training rows of the complete assets, in the panel's order", () => {
  const panel = randomReturns(23, ROWS, SYMBOLS);
  fc.assert(fc.property(listings, fc.nat({ max: ROWS - 2 }), (firstRows, from) => {
    const listed = listedFrom(panel, firstRows);
    const { values, T, N, assets } = trainingWindow(listed, { from, to: ROWS });
    const complete = [...firstRows.keys()].filter((i) => firstRows[i] <= from);
    assertEquals([[...assets], T, N], [complete, ROWS - from, complete.length]);
    const expected = Array.from(
      { length: T },
      (_, row) => complete.map((column) => panel.values[(from + row) * SYMBOLS + column]),
    ).flat();
    assertEquals([...values], expected);
  }));
});
