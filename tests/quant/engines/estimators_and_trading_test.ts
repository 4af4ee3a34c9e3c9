import { assert, assertAlmostEquals, assertEquals, assertLessOrEqual } from "@std/assert";
import { clusterAssets } from "../../../src/quant/clustering/cluster_assets.ts";
import { allocateWindow } from "../../../src/quant/engines/allocate_window.ts";
import type { AllocationSettings } from "../../../src/quant/engines/allocation_settings.ts";
import { ENGINE_NAMES } from "../../../src/quant/engines/engine_names.ts";
import { COVARIANCE_NAMES, MEANS_NAMES } from "../../../src/quant/estimators/estimator_names.ts";
import { PROFILE_NAMES } from "../../../src/quant/optimizers/profiles.ts";
import { loadQpSolver } from "../../../src/quant/optimizers/qp_solver.ts";
import references from "../../reference/optimizers/references.json" with { type: "json" };

const solver = await loadQpSolver();
const { T, N } = references;
const window = { values: Float64Array.from(references.returns), T, N };
const clusters = clusterAssets(window, { lookbacks: [60, 120], cutHeight: 0.7, maxClusters: 25 });
const settings: AllocationSettings = {
  periodsPerYear: 252,
  clusterCap: 0.5,
  maxWeight: 0.2,
  riskFreeRate: 0.02,
};
const context = { ...window, clusters, market: Int32Array.of(0, 1), quadrant: "CRISIS" } as const;

for (const engine of ENGINE_NAMES) {
  Deno.test(`the ${engine} engine solves from every estimator`, () => {
    const weights = new Set<string>();
    for (const covariance of COVARIANCE_NAMES) {
      for (const means of MEANS_NAMES) {
        const estimators = { covariance, means, halfLife: 60 };
        const request = { ...context, engine, profile: "mean_variance" } as const;
        const found = allocateWindow({ ...request, settings: { ...settings, estimators } }, solver);
        assert(found.status === "optimal", JSON.stringify(found));
        assertLessOrEqual(found.kktResidual, 1e-8);
        weights.add(String(found.weights));
      }
    }
    // Different estimators are different problems, though CAPM's order may lead to the same corner.
    assertLessOrEqual(4, weights.size);
  });

  Deno.test(`the ${engine} engine holds the turnover limit between assets in every profile`, () => {
    const held = new Float64Array(N).fill(1 / N);
    for (const profile of PROFILE_NAMES) {
      if (profile === "market" || profile === "benchmark") continue;
      const request = { ...context, engine, profile, held };
      const found = allocateWindow(
        { ...request, settings: { ...settings, turnoverLimit: 0.2 } },
        solver,
      );
      assert(found.status !== "infeasible", JSON.stringify(found));
      const turnover = 0.5 * found.weights.reduce((sum, w, i) => sum + Math.abs(w - held[i]), 0);
      assertLessOrEqual(turnover, 0.2 + 1e-8, profile);
    }
  });

  Deno.test(`the ${engine} engine holds at most maxAssets`, () => {
    for (const profile of PROFILE_NAMES) {
      if (profile === "market" || profile === "benchmark") continue;
      const request = { ...context, engine, profile };
      const found = allocateWindow({ ...request, settings: { ...settings, maxAssets: 8 } }, solver);
      assert(found.status !== "infeasible", JSON.stringify(found));
      assertLessOrEqual(found.weights.filter((weight) => weight !== 0).length, 8, profile);
      assertAlmostEquals(found.weights.reduce((sum, weight) => sum + weight, 0), 1, 1e-12);
    }
  });

  Deno.test(`the ${engine} engine shorts to be neutral to the market`, () => {
    const request = { ...context, engine, profile: "market_neutral" } as const;
    const short = { ...settings, maxShort: 0.2, grossLimit: 2 };
    const found = allocateWindow({ ...request, settings: short }, solver);
    // A few clusters of stocks leave less choice than their assets.
    const expected = engine === "flat" ? "optimal" : "relaxed";
    assert(found.status === expected, JSON.stringify(found));
    assertLessOrEqual(found.weights.reduce((sum, w) => sum + Math.abs(w), 0), 2 + 1e-9);
    assertEquals(found.weights.some((weight) => weight < 0), true);
  });
}
