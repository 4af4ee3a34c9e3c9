import { assert, assertAlmostEquals, assertEquals, assertLessOrEqual } from "@std/assert";
import fc from "fast-check";
import { createRng } from "../../../src/base/rng.ts";
import { KKT_TOLERANCE } from "../../../src/quant/optimizers/allocation.ts";
import type { AllocationProblem } from "../../../src/quant/optimizers/allocation_problem.ts";
import { cvar } from "../../../src/quant/optimizers/min_cvar.ts";
import { optimizePortfolio } from "../../../src/quant/optimizers/optimize_portfolio.ts";
import { PROFILE_NAMES, type ProfileName } from "../../../src/quant/optimizers/profiles.ts";
import { loadQpSolver } from "../../../src/quant/optimizers/qp_solver.ts";
import { anyProblem, plainProblem } from "./problems.ts";

const solver = await loadQpSolver();

function solve(problem: AllocationProblem, profile: ProfileName) {
  const allocation = optimizePortfolio(problem, profile, solver);
  assert(allocation.status !== "infeasible", JSON.stringify(allocation));
  return allocation;
}

function assertWeights(weights: Float64Array, ...expected: number[]) {
  expected.forEach((weight, i) => assertAlmostEquals(weights[i], weight, 1e-9, `asset ${i}`));
}

function gross(weights: Float64Array): number {
  return weights.reduce((sum, weight) => sum + Math.abs(weight), 0);
}

function turnoverFrom(held: Float64Array, weights: Float64Array): number {
  return 0.5 * weights.reduce((sum, weight, i) => sum + Math.abs(weight - held[i]), 0);
}

Deno.test("min_variance shorts an asset that hedges, down to its bound", () => {
  // Unbounded: (0.04 − 0.018, 0.01 − 0.018) / 0.014 = (11/7, −4/7).
  const problem = { ...plainProblem([0.1, 0.2], 0.9), lower: Float64Array.of(-0.3, -0.3) };
  // The largest weight is 1: nothing is left to short.
  assertWeights(solve(problem, "min_variance").weights, 1, 0);
  const three = {
    ...plainProblem([0.1, 0.1, 0.3], 0.8),
    lower: Float64Array.of(-0.2, -0.2, -0.2),
  };
  const { weights, status } = solve(three, "min_variance");
  assertEquals(status, "optimal");
  assertWeights(weights, 0.6, 0.6, -0.2);
});

Deno.test("the gross limit holds where shorts would go beyond it", () => {
  const problem = {
    ...plainProblem([0.1, 0.1, 0.3], 0.8),
    lower: Float64Array.of(-0.3, -0.3, -0.3),
    grossLimit: 1.2,
  };
  assertWeights(solve(problem, "min_variance").weights, 0.55, 0.55, -0.1);
});

Deno.test("a market-neutral portfolio offsets its betas, and says when long weights cannot", () => {
  const betas = Float64Array.of(1, 0.5);
  const problem = { ...plainProblem([0.2, 0.2]), betas, betaLimit: 0.2 };
  // Long only the least beta is all of asset 1.
  const long = solve(problem, "market_neutral");
  assertEquals(long.relaxations, ["beta_limit_lifted:0.500001"]);
  assertAlmostEquals(long.weights[1], 1, 1e-5);
  const short = solve(
    { ...problem, lower: Float64Array.of(-0.6, 0), upper: Float64Array.of(1, 2) },
    "market_neutral",
  );
  assertEquals(short.relaxations, ["beta_limit_lifted:0.500001"]);
  const wide = {
    ...plainProblem([0.2, 0.2, 0.2]),
    betas: Float64Array.of(1, 0.5, 0.5),
    betaLimit: 0.2,
  };
  const neutral = solve({ ...wide, lower: Float64Array.of(-1, 0, 0) }, "market_neutral");
  // β = w0 + ½(1 − w0) = 0.2: w0 = −0.6.
  assertEquals(neutral.status, "optimal");
  assertWeights(neutral.weights, -0.6, 0.8, 0.8);
});

Deno.test("a dollar-neutral mean–variance portfolio holds its net limit", () => {
  const problem = {
    ...plainProblem([0.2, 0.2], 0, [0.1, 0.02]),
    lower: Float64Array.of(-1, -1),
    net: { lower: 0, upper: 0 },
    riskAversion: 4,
  };
  // w0 = −w1 = 0.08 / (2 · 4 · 0.04).
  const { weights, objective } = solve(problem, "mean_variance");
  assertWeights(weights, 0.25, -0.25);
  assertAlmostEquals(objective, 0.02 - 2 * 0.04 * 2 * 0.0625, 1e-12);
});

Deno.test("a cost of trading keeps what is held where moving gains less", () => {
  const held = Float64Array.of(0.5, 0.5);
  const trading = { held, costRate: 0.1, turnoverLimit: Infinity };
  assertEquals([...solve({ ...plainProblem([0.2, 0.3]), trading }, "min_variance").weights], [
    0.5,
    0.5,
  ]);
  const cheap = { ...trading, costRate: 0.01 };
  // 2·0.04·w − 2·0.09·(1 − w) = −2·0.01: w = 0.16 / 0.26.
  assertWeights(
    solve({ ...plainProblem([0.2, 0.3]), trading: cheap }, "min_variance").weights,
    0.16 / 0.26,
  );
});

Deno.test("the turnover limit is met exactly by every profile, hrp and the like as near as they may", () => {
  const held = Float64Array.of(0.2, 0.2, 0.6);
  const problem = {
    ...plainProblem([0.1, 0.2, 0.4], 0.2, [0.05, 0.06, 0.03]),
    trading: { held, costRate: 0, turnoverLimit: 0.1 },
  };
  for (const profile of PROFILE_NAMES) {
    if (profile === "market" || profile === "benchmark") continue;
    const { weights, relaxations } = solve(problem, profile);
    assertLessOrEqual(turnoverFrom(held, weights), 0.1 + 1e-9, profile);
    const isConvex = [
      "min_variance",
      "mean_variance",
      "max_sharpe",
      "max_diversification",
      "min_cvar",
      "market_neutral",
    ].includes(profile);
    assertEquals(relaxations, isConvex ? [] : ["turnover_limit_projected"], profile);
  }
});

Deno.test("a turnover limit that the bounds do not allow is lifted to the least that they do", () => {
  const problem = {
    ...plainProblem([0.1, 0.2]),
    upper: Float64Array.of(0.6, 0.6),
    trading: { held: Float64Array.of(1, 0), costRate: 0, turnoverLimit: 0.1 },
  };
  const { relaxations, weights } = solve(problem, "min_variance");
  assertEquals(relaxations, ["turnover_limit_lifted:0.400000"]);
  assertAlmostEquals(weights[0], 0.6, 1e-5);
});

Deno.test("caps are lifted for a net limit that they are too low for, and bounds below are not", () => {
  const net = { lower: 0.5, upper: 1 };
  const problem = { ...plainProblem([0.1, 0.2]), upper: Float64Array.of(0.2, 0.2), net };
  const { relaxations, weights } = solve(problem, "min_variance");
  assertEquals(relaxations, ["asset_caps_lifted:1.250001"]);
  assertAlmostEquals(weights[0], 0.25, 1e-5);
  const grouped = {
    ...plainProblem([0.1, 0.2]),
    groups: { labels: Int32Array.of(0, 1), caps: Float64Array.of(0.2, 0.2) },
    net,
  };
  assertEquals(solve(grouped, "min_variance").relaxations, ["group_caps_lifted:1.250001"]);
  const heavy = { ...plainProblem([0.1, 0.2]), lower: Float64Array.of(0.6, 0.6), net };
  assertEquals(optimizePortfolio(heavy, "min_variance", solver), {
    status: "infeasible",
    reason: "Cannot allocate: no weights within their bounds and groups sum to between 0.5 and 1",
  });
  const hrp = optimizePortfolio({ ...problem, net: { lower: 0, upper: 0.9 } }, "hrp", solver);
  assert(hrp.status === "infeasible" && hrp.reason.includes("0 to 0.9 net"));
});

Deno.test("what a profile cannot do without is asked for by name", () => {
  const { mu, covariance, lower, upper, riskFreeRate } = plainProblem([0.1, 0.2]);
  const bare = { mu, covariance, lower, upper, riskFreeRate };
  const needs = {
    market_neutral: "betas",
    min_cvar: "scenarios",
    barbell: "aggressors",
    adaptive: "quadrant",
    market: "symbol",
  };
  for (const [profile, need] of Object.entries(needs)) {
    const found = optimizePortfolio(bare, profile as ProfileName, solver);
    assert(found.status === "infeasible" && found.reason.includes(need), profile);
  }
});

Deno.test("at most maxAssets are held, and pruning is recorded", () => {
  const problem = { ...plainProblem([0.1, 0.2, 0.3, 0.4]), maxAssets: 2 };
  for (const profile of PROFILE_NAMES) {
    if (profile === "benchmark" || profile === "market") continue;
    const { weights, relaxations } = solve(problem, profile);
    assertEquals(weights.filter((weight) => weight !== 0).length <= 2, true, profile);
    assertAlmostEquals(weights.reduce((sum, weight) => sum + weight, 0), 1, 1e-12);
    // These two hold but the assets of the highest means, as it is.
    if (profile === "max_sharpe" || profile === "mean_variance") continue;
    assertEquals(relaxations[0], "pruned_to:2", profile);
  }
  assertWeights(solve(problem, "min_variance").weights, 0.8, 0.2, 0, 0);
});

Deno.test("γ‖w‖² spreads min_variance", () => {
  const { weights } = solve({ ...plainProblem([0.1, 0.2]), l2Penalty: 0.01 }, "min_variance");
  assertWeights(weights, 0.05 / 0.07, 0.02 / 0.07);
});

Deno.test("max_diversification of one correlation is proportional to 1/volatility", () => {
  const { weights, objective } = solve(plainProblem([0.1, 0.2, 0.4], 0.5), "max_diversification");
  assertWeights(weights, 4 / 7, 2 / 7, 1 / 7);
  assertAlmostEquals(objective, Math.sqrt(3 / 2), 1e-9);
});

Deno.test("max_sharpe under limits that do not bind is max_sharpe without them", () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 1e6 }), (seed) => {
      const rng = createRng(seed);
      const volatilities = Array.from({ length: 6 }, () => 0.1 + 0.2 * rng.next());
      const plain = plainProblem(volatilities, 0.3, volatilities.map((v) => v * rng.next()));
      const held = new Float64Array(6).fill(1 / 6);
      const trading = { held, costRate: 0, turnoverLimit: 1 };
      const [a, b] = [solve(plain, "max_sharpe"), solve({ ...plain, trading }, "max_sharpe")];
      assertAlmostEquals(a.objective, b.objective, 1e-8 * a.objective);
    }),
    { numRuns: 25, seed: 12 },
  );
});

Deno.test("min_cvar holds what never falls, and cvar() counts a scenario in part", () => {
  const scenarios = { values: Float64Array.of(0.1, 0.01, -0.1, 0.01, 0.1, 0.01), T: 3, N: 2 };
  const { weights, objective } = solve({ ...plainProblem([0.1, 0.1]), scenarios }, "min_cvar");
  assertWeights(weights, 0, 1);
  assertAlmostEquals(objective, -0.01, 1e-12);
  // Of three scenarios half are 1.5: the worst, and half of the next.
  assertAlmostEquals(cvar(scenarios, Float64Array.of(1, 0), 0.5), (0.1 - 0.05) / 1.5, 1e-12);
});

Deno.test("herc shares between clusters by their variances, and within by inverse variance", () => {
  const groups = { labels: Int32Array.of(0, 0, 1), caps: Float64Array.of(1, 1) };
  const linkage = {
    n: 3,
    left: Int32Array.of(0, 2),
    right: Int32Array.of(1, 3),
    heights: Float64Array.of(1, 2),
    sizes: Int32Array.of(2, 3),
  };
  const problem = { ...plainProblem([0.1, 0.2, 0.2]), groups, linkage };
  // The mix 0.8, 0.2 has variance 0.008, asset 2 has 0.04: shares 5/6 and 1/6.
  assertWeights(solve(problem, "herc").weights, 4 / 6, 1 / 6, 1 / 6);
});

Deno.test("barbell gives the aggressors their share in equal parts, and the core hrp", () => {
  const problem = {
    ...plainProblem([0.1, 0.2, 0.5, 0.6]),
    barbell: { aggressors: Int32Array.of(2, 3), share: 0.1 },
  };
  const { weights, status } = solve(problem, "barbell");
  assertEquals(status, "optimal");
  assertWeights(weights, 0.9 * 0.8, 0.9 * 0.2, 0.05, 0.05);
});

Deno.test("adaptive is the profile of the quadrant", () => {
  const problem = plainProblem([0.1, 0.2, 0.4], 0.3, [0.1, 0.1, 0.1]);
  const expected = {
    EXPANSION: "max_sharpe",
    INFLATIONARY_TREND: "barbell",
    STAGNATION: "min_variance",
    CRISIS: "hrp",
  } as const;
  for (const [quadrant, profile] of Object.entries(expected)) {
    const adaptive = solve({ ...problem, quadrant: quadrant as keyof typeof expected }, "adaptive");
    assertEquals(adaptive, solve(problem, profile));
  }
});

for (
  const profile of [
    "min_variance",
    "mean_variance",
    "max_sharpe",
    "market_neutral",
    "min_cvar",
  ] as const
) {
  Deno.test(`${profile} is proven optimal under shorts, gross, turnover and costs, on any problem`, () => {
    fc.assert(
      fc.property(anyProblem, fc.integer({ min: 0, max: 63 }), (plain, kinds) => {
        const n = plain.mu.length;
        const held = new Float64Array(n).fill(1 / n);
        const has = (bit: number) => (kinds >> bit) % 2 === 1;
        const problem: AllocationProblem = {
          ...plain,
          lower: has(0) ? plain.upper.map((bound) => -0.5 * bound) : plain.lower,
          grossLimit: has(1) ? 1.3 : undefined,
          net: has(2) ? { lower: 0.8, upper: 1 } : undefined,
          trading: has(3) || has(4)
            ? {
              held,
              costRate: has(4) ? (profile === "min_cvar" ? 1e-4 : 1e-3) : 0,
              turnoverLimit: has(3) ? 0.15 : Infinity,
            }
            : undefined,
        };
        const { weights, kktResidual, relaxations, objective } = solve(problem, profile);
        assert(Number.isFinite(objective) && weights.every(Number.isFinite));
        assertLessOrEqual(kktResidual, KKT_TOLERANCE, String(relaxations));
        if (relaxations.some((name) => /lifted|removed/.test(name))) return;
        assertLessOrEqual(gross(weights), (problem.grossLimit ?? Infinity) + 1e-8);
        if (has(3)) assertLessOrEqual(turnoverFrom(held, weights), 0.15 + 1e-8);
      }),
      { numRuns: 60, seed: 13 },
    );
  });
}
