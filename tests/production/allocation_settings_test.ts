import { assert, assertEquals, assertLessOrEqual, assertNotEquals } from "@std/assert";
import { TASK_BODY } from "../../cluster/protocol/body.ts";
import { RISK_DEFAULTS, type RiskConfig } from "../../src/manifest/risk_config.ts";
import { allocationSettings } from "../../src/production/allocation_settings.ts";
import { clusterWindow } from "../../src/production/tasks/cluster_window.ts";
import { optimiseWindow } from "../../src/production/tasks/optimise_window.ts";
import { ALL } from "../../src/production/tasks/window_assets.ts";
import type { ProfileName } from "../../src/quant/optimizers/profiles.ts";
import { randomReturns } from "./panels.ts";

const TRAIN = { from: 0, to: 120 };
const PANEL = randomReturns(33, 120, 10);
const CLUSTERING = { lookbacks: [60], cutHeight: 0.7, maxClusters: 25 };
/** Limits so wide that each test sets the one that it is about. */
const WIDE: RiskConfig = { ...RISK_DEFAULTS, cluster_cap: 1, max_weight: 1 };

async function weigh(profile: ProfileName, risk: Partial<RiskConfig> = {}) {
  const clusters = await clusterWindow[TASK_BODY](TRAIN, ALL, PANEL, CLUSTERING);
  const allocation = await optimiseWindow[TASK_BODY](
    { train: TRAIN, universe: ALL, clusters, engine: "flat", profile },
    PANEL,
    allocationSettings({ risk: { ...WIDE, ...risk } }, 252),
  );
  if (allocation.status === "infeasible") throw new Error(allocation.reason);
  return allocation;
}

function sum(weights: Float64Array, of: (weight: number) => number = (weight) => weight): number {
  return weights.reduce((total, weight) => total + of(weight), 0);
}

Deno.test("section risk sells short, holds cash and keeps to the gross limit", async () => {
  const long = await weigh("mean_variance");
  assert(long.weights.every((weight) => weight >= 0));
  const limits = { max_short: 0.3, net_min: 0.4, net_max: 0.6, gross_limit: 1.5, max_weight: 0.5 };
  const { weights, relaxations } = await weigh("mean_variance", limits);
  assertEquals(relaxations, []);
  assert(weights.some((weight) => weight < -0.01));
  assert(weights.every((weight) => weight >= -0.3 - 1e-9 && weight <= 0.5 + 1e-9));
  assert(sum(weights) >= 0.4 - 1e-8 && sum(weights) <= 0.6 + 1e-8);
  assertLessOrEqual(sum(weights, Math.abs), 1.5 + 1e-8);
});

Deno.test("section risk sets the least weight and the number of assets", async () => {
  const { weights } = await weigh("min_variance", { min_weight: 0.05 });
  assert(weights.every((weight) => weight >= 0.05 - 1e-12));
  const few = await weigh("min_variance", { max_assets: 3 });
  assertEquals(few.weights.filter((weight) => weight !== 0).length, 3);
  assertEquals(few.relaxations, ["pruned_to:3"]);
});

Deno.test("every other key of section risk changes what the profile that it is for holds", async () => {
  const spread = { risk_aversion: 200 }, short = { max_short: 0.5 };
  const cases: readonly (readonly [ProfileName, Partial<RiskConfig>, Partial<RiskConfig>?])[] = [
    ["min_variance", { covariance: "sample" }],
    ["min_variance", { covariance: "oas" }],
    ["min_variance", { covariance: "ewma" }],
    ["min_variance", { covariance: "denoised" }],
    ["mean_variance", { means: "ewma" }, spread],
    ["mean_variance", { means: "bayes_stein" }, spread],
    ["mean_variance", { means: "capm" }, spread],
    ["max_sharpe", { risk_free_rate: -0.6 }],
    ["mean_variance", { risk_aversion: 200 }],
    ["min_variance", { l2_penalty: 0.1 }],
    ["min_cvar", { tail_share: 0.2 }],
    ["market_neutral", { beta_limit: 0.4 }, short],
  ];
  for (const [profile, risk, base] of cases) {
    const before = await weigh(profile, base), after = await weigh(profile, { ...base, ...risk });
    assertNotEquals([...after.weights], [...before.weights], JSON.stringify(risk));
  }
  const slow = await weigh("min_variance", { covariance: "ewma", half_life: 80 });
  const fast = await weigh("min_variance", { covariance: "ewma", half_life: 10 });
  assertNotEquals([...slow.weights], [...fast.weights]);
});
