import {
  assert,
  assertAlmostEquals,
  assertEquals,
  assertLessOrEqual,
  assertThrows,
} from "@std/assert";
import fc from "fast-check";
import { createRng } from "../../../src/base/rng.ts";
import { type AssetClusters, clusterAssets } from "../../../src/quant/clustering/cluster_assets.ts";
import {
  allocateMoments,
  allocateWindow,
  type AllocationRequest,
  type WindowAllocation,
} from "../../../src/quant/engines/allocate_window.ts";
import { ENGINE_DESCRIPTIONS, ENGINE_NAMES } from "../../../src/quant/engines/engine_names.ts";
import { type WindowMoments, windowMoments } from "../../../src/quant/engines/window_moments.ts";
import { PROFILE_DESCRIPTIONS, PROFILE_NAMES } from "../../../src/quant/optimizers/profiles.ts";
import { loadQpSolver } from "../../../src/quant/optimizers/qp_solver.ts";
import { orderedTree, plainProblem } from "../optimizers/problems.ts";
import references from "../../reference/optimizers/references.json" with { type: "json" };

const solver = await loadQpSolver();
const settings = { periodsPerYear: 252, clusterCap: 0.25, maxWeight: 1, riskFreeRate: 0 };
/** Of market and adaptive, what else they need. */
const context = { market: Int32Array.of(0), quadrant: "EXPANSION" } as const;
const CLUSTERING = { lookbacks: [60, 120, 200], cutHeight: 0.7, maxClusters: 25 };

function solved(allocation: WindowAllocation) {
  assert(allocation.status !== "infeasible", JSON.stringify(allocation));
  return allocation;
}

function clustersOf(...labels: number[]): AssetClusters {
  return {
    labels: Int32Array.from(labels),
    count: Math.max(...labels) + 1,
    linkage: orderedTree(labels.length),
    leafOrder: Int32Array.from(labels.keys()),
  };
}

function allocateBy(
  volatilities: number[],
  request: Partial<AllocationRequest> & Pick<AllocationRequest, "clusters" | "engine">,
) {
  const { mu, covariance } = plainProblem(volatilities);
  const scenarios = plainProblem(volatilities).scenarios;
  const moments: WindowMoments = { mu, covariance, returns: scenarios };
  const rest = { ...context, profile: "min_variance", settings, ...request } as const;
  return solved(allocateMoments(moments, rest, solver));
}

function assertWeights(weights: Float64Array, ...expected: number[]) {
  expected.forEach((weight, i) => assertAlmostEquals(weights[i], weight, 1e-9, `asset ${i}`));
}

Deno.test("the clustered engine splits a cluster's weight by inverse variance", () => {
  // Cluster {0, 1}: mix 0.8, 0.2 with variance 0.008; asset 2 alone: 0.008. So half and half.
  const { weights, objective } = allocateBy([0.1, 0.2, Math.sqrt(0.008)], {
    clusters: clustersOf(0, 0, 1),
    engine: "clustered",
  });
  assertWeights(weights, 0.4, 0.1, 0.5);
  assertAlmostEquals(objective, 0.004, 1e-12);
});

Deno.test("the flat engine weighs assets across clusters", () => {
  const { weights } = allocateBy([0.1, 0.2, 0.2], {
    clusters: clustersOf(0, 1, 2),
    engine: "flat",
    settings: { ...settings, clusterCap: 1 },
  });
  assertWeights(weights, 2 / 3, 1 / 6, 1 / 6);
});

for (const engine of ENGINE_NAMES) {
  Deno.test(`the ${engine} engine caps clusters`, () => {
    // Uncapped, five equal assets of which three are one cluster give this 0.6.
    const { weights, status } = allocateBy([0.1, 0.1, 0.1, 0.1, 0.1], {
      clusters: clustersOf(0, 0, 0, 1, 2),
      engine,
      settings: { ...settings, clusterCap: 0.4 },
    });
    assertWeights(weights, 0.4 / 3, 0.4 / 3, 0.4 / 3, 0.3, 0.3);
    assertEquals(status, "optimal");
  });

  Deno.test(`the ${engine} engine raises the cluster cap to 1/k, which is no relaxation`, () => {
    const { weights, status } = allocateBy([0.1, 0.3], { clusters: clustersOf(0, 1), engine });
    assertWeights(weights, 0.5, 0.5);
    assertEquals(status, "optimal");
  });

  Deno.test(`the ${engine} engine caps assets`, () => {
    const { weights, status } = allocateBy([0.1, 0.3, 0.3, 0.3, 0.3], {
      clusters: clustersOf(0, 1, 2, 3, 4),
      engine,
      settings: { ...settings, clusterCap: 1, maxWeight: 0.3 },
    });
    assertWeights(weights, 0.3, 0.175, 0.175, 0.175, 0.175);
    assertEquals(status, "optimal");
  });

  Deno.test(`the ${engine} engine raises the asset cap to 1/N, which is no relaxation`, () => {
    const { weights, status } = allocateBy([0.1, 0.3], {
      clusters: clustersOf(0, 1),
      engine,
      settings: { ...settings, maxWeight: 0.1 },
    });
    assertWeights(weights, 0.5, 0.5);
    assertEquals(status, "optimal");
  });

  Deno.test(`the ${engine} engine lifts cluster caps before asset caps, and records it`, () => {
    // Asset 2 may take 0.4 and the cluster {0, 1} 0.5: the rest needs a cluster cap of 0.6.
    const { weights, relaxations } = allocateBy([0.1, 0.1, 0.1], {
      clusters: clustersOf(0, 0, 1),
      engine,
      settings: { ...settings, maxWeight: 0.4 },
    });
    assertEquals(relaxations, ["group_caps_lifted:1.200000"]);
    assertWeights(weights, 0.3, 0.3, 0.4);
  });

  Deno.test(`the ${engine} engine allocates one asset in full`, () => {
    for (const profile of PROFILE_NAMES) {
      const { weights } = allocateBy([0.2], { clusters: clustersOf(0), engine, profile });
      assertEquals([...weights], [1]);
    }
  });

  Deno.test(`the ${engine} engine solves every profile on real returns, within its caps`, () => {
    const { T, N } = references;
    const window = { values: Float64Array.from(references.returns), T, N };
    const clusters = clusterAssets(window, CLUSTERING);
    for (const profile of PROFILE_NAMES) {
      const request = {
        ...context,
        clusters,
        engine,
        profile,
        settings: { ...settings, maxWeight: 0.15 },
      };
      const allocation = solved(allocateWindow({ ...window, ...request }, solver));
      // Long stocks have a beta: market_neutral lifts its limit to the least that there is. With the aggressors at
      // 10 % the caps of these few asset clusters leave no room for the other 90 %.
      const lifted =
        { market_neutral: ["beta_limit_lifted"], barbell: ["core"] }[profile as string] ??
          [];
      const relaxations = allocation.relaxations.map((name) => name.split(":")[0]);
      assertEquals([profile, ...relaxations], [profile, ...lifted]);
      assertLessOrEqual(allocation.kktResidual, 1e-8);
      assertEquals(allocateWindow({ ...window, ...request }, solver), allocation);
      // market and benchmark are what others are compared with, whatever the caps.
      if (["market", "benchmark", "barbell"].includes(profile)) continue;
      assertLessOrEqual(Math.max(...allocation.weights), 0.15 + 1e-12);
      for (let c = 0; c < clusters.count; c++) {
        const sum = allocation.weights.reduce((s, w, i) => clusters.labels[i] === c ? s + w : s, 0);
        assertLessOrEqual(sum, Math.max(0.25, 1 / clusters.count) + 1e-12);
      }
    }
  });

  Deno.test(`the ${engine} engine gives weights that sum to 1 on any window, however degenerate`, () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 14 }),
        fc.integer({ min: 2, max: 40 }),
        fc.integer({ min: 1, max: 1e9 }),
        fc.constantFrom(...PROFILE_NAMES),
        (N, T, seed, profile) => {
          const window = { values: degenerateReturns(N, T, seed), T, N };
          const clusters = clusterAssets(window, CLUSTERING);
          const request = {
            ...context,
            clusters,
            engine,
            profile,
            settings: { ...settings, maxWeight: 0.25 },
          };
          const { weights, objective } = solved(allocateWindow({ ...window, ...request }, solver));
          assertAlmostEquals(weights.reduce((sum, weight) => sum + weight, 0), 1, 1e-12);
          assert(weights.every((weight) => weight >= 0) && Number.isFinite(objective));
        },
      ),
      { numRuns: 100, seed: 9 },
    );
  });
}

/** Returns with a constant column, a repeated one and a mirrored one now and then. */
function degenerateReturns(N: number, T: number, seed: number): Float64Array {
  const rng = createRng(seed);
  const kinds = Array.from({ length: N }, () => rng.below(6));
  const values = new Float64Array(T * N);
  for (let t = 0; t < T; t++) {
    for (let i = 0; i < N; i++) {
      const neighbour = values[t * N + Math.max(0, i - 1)];
      const own = 0.0005 + 0.01 * rng.normal();
      values[t * N + i] = [0, neighbour, -neighbour][kinds[i]] ?? own;
    }
  }
  return values;
}

Deno.test("windowMoments() annualises the mean and the covariance", () => {
  const window = { values: Float64Array.of(0.01, 0.03), T: 2, N: 1 };
  const { mu, covariance } = windowMoments(window, 252);
  assertAlmostEquals(mu[0], 0.02 * 252, 1e-12);
  assertAlmostEquals(covariance.data[0], 0.0001 * 252, 1e-12);
  assertThrows(() => windowMoments(window, 0), RangeError, "Cannot annualise by 0 periods");
});

Deno.test("allocateWindow() refuses missing returns, no assets, one row, foreign clusters and odd caps", () => {
  const refuse = (change: Record<string, unknown>, message: string) => {
    const window = { values: Float64Array.of(0.1, 0.2, 0.3, 0.4), T: 2, N: 2 };
    const request = {
      clusters: clustersOf(0, 1),
      engine: "flat",
      profile: "hrp",
      settings,
    } as const;
    assertThrows(
      () => allocateWindow({ ...window, ...request, ...change }, solver),
      RangeError,
      message,
    );
  };
  refuse({ values: Float64Array.of(0.1, NaN, 0.3, 0.4) }, "its return is NaN");
  refuse({ N: 0, values: new Float64Array() }, "N is 0");
  refuse({ T: 1, values: Float64Array.of(0.1, 0.2) }, "T is 1");
  refuse({ clusters: clustersOf(0, 1, 1) }, "the asset clusters hold 3");
  refuse({ settings: { ...settings, maxWeight: 0 } }, "maxWeight must be in (0, 1]");
  refuse({ settings: { ...settings, clusterCap: NaN } }, "clusterCap must be in (0, 1]");
  refuse({ settings: { ...settings, riskFreeRate: NaN } }, "risk-free rate");
});

Deno.test("every engine and profile has a description of one line", () => {
  assertEquals(Object.keys(ENGINE_DESCRIPTIONS), [...ENGINE_NAMES]);
  assertEquals(Object.keys(PROFILE_DESCRIPTIONS), [...PROFILE_NAMES]);
});
