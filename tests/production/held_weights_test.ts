import { assert, assertAlmostEquals, assertEquals } from "@std/assert";
import { TASK_BODY } from "../../cluster/protocol/body.ts";
import { DEFAULTS } from "../../src/manifest/config.ts";
import { followsHoldings, heldWeights } from "../../src/production/held_weights.ts";
import type { Allocated } from "../../src/production/optimise.ts";
import { clusterWindow } from "../../src/production/tasks/cluster_window.ts";
import { optimiseWindow } from "../../src/production/tasks/optimise_window.ts";
import { ALL } from "../../src/production/tasks/window_assets.ts";
import type { Panel } from "../../src/quant/panel.ts";
import { turnover } from "../../src/quant/metrics/portfolio_weights.ts";
import { randomReturns } from "./panels.ts";

const CHAIN = { selection: "baseline", engine: "flat", profile: "hrp" };
const WINDOW = { index: 0, trainFrom: 0, trainTo: 1, testFrom: 1, testTo: 3 };
const INFEASIBLE = { status: "infeasible", reason: "none" } as const;

function optimal(...weights: number[]): Allocated["allocation"] {
  return {
    status: "optimal",
    weights: Float64Array.from(weights),
    objective: 0,
    kktResidual: 0,
    relaxations: [],
  };
}

function panelOf(...rows: number[][]): Panel {
  return {
    timestampsS: Float64Array.from(rows, (_, row) => row * 86_400),
    symbols: ["A", "B"],
    values: Float64Array.from(rows.flat()),
  };
}

Deno.test("heldWeights() are those of the window before, moved by its returns up to the next decision", () => {
  // Row 0 trains, row 3 belongs to the next window: neither counts.
  const panel = panelOf([9, 9], [1, 0], [0, NaN], [5, 5]);
  const held = heldWeights({ ...CHAIN, window: WINDOW, allocation: optimal(0.4, 0.4) }, panel, 3);
  // 0.8 of A, 0.4 of B and 0.2 of cash make a wealth of 1.4.
  assertAlmostEquals(held[0], 0.8 / 1.4, 1e-15);
  assertAlmostEquals(held[1], 0.4 / 1.4, 1e-15);
});

Deno.test("heldWeights() of a window without a solution are what it held, and nothing before the first one", () => {
  const panel = panelOf([0, 0], [1, 0], [0, 0], [0, 0]);
  const failed = { ...CHAIN, window: WINDOW, allocation: INFEASIBLE };
  assertEquals([...heldWeights(failed, panel, 3)], [0, 0]);
  const held = heldWeights({ ...failed, held: Float64Array.of(0.5, 0.5) }, panel, 3);
  assertAlmostEquals(held[0], 2 / 3, 1e-15);
});

Deno.test("heldWeights() are nothing when all was lost", () => {
  const panel = panelOf([0, 0], [-1, -1], [1, 1]);
  const lost = { ...CHAIN, window: WINDOW, allocation: optimal(0.5, 0.5) };
  assertEquals([...heldWeights(lost, panel, 3)], [0, 0]);
});

Deno.test("followsHoldings() when turnover is limited or paid for, and not by itself", () => {
  const { risk } = DEFAULTS;
  assertEquals(followsHoldings({ risk }), false);
  assertEquals(followsHoldings({ risk: { ...risk, turnover_limit: 0 } }), true);
  assertEquals(followsHoldings({ risk: { ...risk, turnover_penalty: 0.1 } }), true);
});

for (const engine of ["flat", "clustered"] as const) {
  for (const profile of ["min_variance", "max_sharpe", "hrp", "risk_parity", "min_cvar"] as const) {
    Deno.test(`${profile} of the engine ${engine} trades no more than the turnover limit`, async () => {
      const panel = randomReturns(21, 120, 8);
      const train = { from: 0, to: 120 };
      const clustering = { lookbacks: [60], cutHeight: 0.7, maxClusters: 25 };
      const clusters = await clusterWindow[TASK_BODY](train, ALL, panel, clustering);
      const held = new Float64Array(8);
      held.fill(0.25, 0, 4);
      const weigh = async (turnoverLimit?: number) => {
        const settings = { periodsPerYear: 252, clusterCap: 1, maxWeight: 0.6, riskFreeRate: 0 };
        const found = await optimiseWindow[TASK_BODY](
          { train, universe: ALL, clusters, engine, profile, held },
          panel,
          { ...settings, ...turnoverLimit === undefined ? {} : { turnoverLimit } },
        );
        assert(found.status !== "infeasible", JSON.stringify(found));
        return turnover(held, found.weights);
      };
      assert(await weigh() > 0.15);
      assert(await weigh(0.1) <= 0.1 + 1e-6);
    });
  }
}
