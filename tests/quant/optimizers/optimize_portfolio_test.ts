import {
  assert,
  assertAlmostEquals,
  assertEquals,
  assertLessOrEqual,
  assertThrows,
} from "@std/assert";
import fc from "fast-check";
import { KKT_TOLERANCE } from "../../../src/quant/optimizers/allocation.ts";
import type { AllocationProblem } from "../../../src/quant/optimizers/allocation_problem.ts";
import { optimizePortfolio } from "../../../src/quant/optimizers/optimize_portfolio.ts";
import type { ProfileName } from "../../../src/quant/optimizers/profiles.ts";
import { loadQpSolver, type QpSolver } from "../../../src/quant/optimizers/qp_solver.ts";
import { dot, multiply } from "../../../src/quant/optimizers/quadratic_form.ts";
import { limitViolation, weightLimits } from "../../../src/quant/optimizers/weight_limits.ts";
import { anyProblem, LIMITED_PROFILES, plainProblem } from "./problems.ts";

const solver = await loadQpSolver();
const TREE_PROFILES = new Set<ProfileName>(["hrp", "herc", "adaptive"]);
const noSolver: QpSolver = { solve: () => undefined };

function solve(problem: AllocationProblem, profile: ProfileName, by = solver) {
  const allocation = optimizePortfolio(problem, profile, by);
  assert(allocation.status !== "infeasible", JSON.stringify(allocation));
  return allocation;
}

function assertWeights(weights: Float64Array, expected: readonly number[], tolerance = 1e-9) {
  expected.forEach((weight, i) => assertAlmostEquals(weights[i], weight, tolerance, `asset ${i}`));
}

Deno.test("min_variance of uncorrelated assets is proportional to 1/variance", () => {
  const { weights, objective, status } = solve(plainProblem([0.1, 0.2]), "min_variance");
  assertWeights(weights, [0.8, 0.2]);
  assertAlmostEquals(objective, 0.008, 1e-12);
  assertEquals(status, "optimal");
});

Deno.test("min_variance leaves out an asset that only adds risk, exactly", () => {
  const { weights } = solve(plainProblem([0.1, 0.5], 0.9), "min_variance");
  assertEquals([...weights], [1, 0]);
});

Deno.test("max_sharpe of uncorrelated assets is proportional to excess return over variance", () => {
  const problem = { ...plainProblem([0.1, 0.2], 0, [0.03, 0.06]), riskFreeRate: 0.02 };
  // 0.01/0.01 to 0.04/0.04: half and half, 0.025/√0.0125.
  const { weights, objective } = solve(problem, "max_sharpe");
  assertWeights(weights, [0.5, 0.5]);
  assertAlmostEquals(objective, 0.025 / Math.sqrt(0.0125), 1e-9);
});

Deno.test("max_sharpe without any positive excess return is min_variance, and says so", () => {
  const problem = { ...plainProblem([0.1, 0.2], 0, [0.01, 0.02]), riskFreeRate: 0.02 };
  const { status, weights, relaxations } = solve(problem, "max_sharpe");
  assertEquals([status, ...relaxations], ["relaxed", "no_positive_excess_return"]);
  assertWeights(weights, [0.8, 0.2]);
});

Deno.test("a perfect hedge has no highest ratio and no risk to share: a ridge is added, and recorded", () => {
  const problem = plainProblem([0.1, 0.2], -1, [0.05, 0.05]);
  for (const profile of ["max_sharpe", "risk_parity"] as const) {
    const { weights, relaxations } = solve(problem, profile);
    assertEquals(relaxations, ["covariance_ridge"], profile);
    assertWeights(weights, [2 / 3, 1 / 3], 1e-4);
  }
  const { weights, objective, status } = solve(problem, "min_variance");
  assertWeights(weights, [2 / 3, 1 / 3], 1e-6);
  assertAlmostEquals(objective, 0, 1e-12);
  assertEquals(status, "optimal");
});

Deno.test("risk_parity of assets with one correlation is proportional to 1/volatility", () => {
  const { weights } = solve(plainProblem([0.1, 0.2, 0.4], 0.3), "risk_parity");
  assertWeights(weights, [4 / 7, 2 / 7, 1 / 7]);
});

Deno.test("risk_parity at a cap shares the rest equally among equal assets", () => {
  const plain = plainProblem([0.1, 0.4, 0.4]);
  assertWeights(solve(plain, "risk_parity").weights, [4 / 6, 1 / 6, 1 / 6]);
  const capped = { ...plain, upper: Float64Array.of(0.4, 1, 1) };
  const { weights, kktResidual } = solve(capped, "risk_parity");
  assertWeights(weights, [0.4, 0.3, 0.3]);
  assertLessOrEqual(kktResidual, KKT_TOLERANCE);
});

Deno.test("every profile is the only feasible portfolio when the caps add up to exactly 1", () => {
  for (const profile of LIMITED_PROFILES) {
    const problem = {
      ...plainProblem([0.1, 0.2, 0.4], 0.2),
      upper: Float64Array.of(0.2, 0.3, 0.5),
    };
    const { weights, status } = solve(problem, profile);
    assertEquals(status, "optimal", profile);
    assertWeights(weights, [0.2, 0.3, 0.5], 1e-12);
  }
});

Deno.test("every profile fills groups whose caps add up to exactly 1, and stays free within them", () => {
  const groups = { labels: Int32Array.of(0, 0, 1, 1), caps: Float64Array.of(0.5, 0.5) };
  const problem = { ...plainProblem([0.1, 0.1, 0.3, 0.3]), groups };
  for (const profile of LIMITED_PROFILES) {
    const { weights, status } = solve(problem, profile);
    assertEquals(status, "optimal", profile);
    assertAlmostEquals(weights[0] + weights[1], 0.5, 1e-12, profile);
    // The tree of equal distances cuts through the groups.
    if (profile === "herc") continue;
    // Of the larger losses of the second group alone does the tail consist.
    const free = profile === "min_cvar" ? [2, 3] : [0, 1, 2, 3];
    for (const i of free) assertAlmostEquals(weights[i], 0.25, 1e-9, `${profile}, asset ${i}`);
  }
});

Deno.test("every profile records what it took to make infeasible caps feasible", () => {
  const problem = { ...plainProblem([0.1, 0.2, 0.4]), upper: new Float64Array(3).fill(0.25) };
  for (const profile of LIMITED_PROFILES) {
    const { status, relaxations, weights } = solve(problem, profile);
    assertEquals([status, ...relaxations], ["relaxed", "asset_caps_lifted:1.333333"]);
    assertWeights(weights, [1 / 3, 1 / 3, 1 / 3]);
  }
});

Deno.test("an asset that may have no weight is left out, by risk_parity with a record", () => {
  const problem = { ...plainProblem([0.1, 0.1, 0.1]), upper: Float64Array.of(1, 0, 1) };
  for (const profile of LIMITED_PROFILES) {
    const { relaxations, weights } = solve(problem, profile);
    assertEquals(weights[1], 0);
    // Trees do not move what a split gave to the half of such an asset; adaptive is hrp here.
    if (!TREE_PROFILES.has(profile)) assertWeights(weights, [0.5, 0, 0.5]);
    assertEquals(relaxations, profile === "risk_parity" ? ["assets_without_room"] : []);
  }
});

Deno.test("a covariance of zeros gives finite weights in every profile", () => {
  const problem = { ...plainProblem([0, 0, 0]), mu: Float64Array.of(0.1, 0.2, 0.3) };
  for (const profile of LIMITED_PROFILES) {
    const { weights, objective } = solve(problem, profile);
    assert(weights.every(Number.isFinite) && Number.isFinite(objective), profile);
  }
});

Deno.test("lower bounds above 1 in sum are infeasible, with the reason", () => {
  const allocation = optimizePortfolio(
    { ...plainProblem([0.1, 0.2]), lower: Float64Array.of(0.6, 0.6) },
    "hrp",
    solver,
  );
  assertEquals(allocation, {
    status: "infeasible",
    reason: "Cannot allocate: the lower bounds sum to 1.2, above 1",
  });
});

for (const profile of LIMITED_PROFILES) {
  Deno.test(`${profile} sums to 1, holds all caps and meets its first-order conditions on any problem`, () => {
    fc.assert(
      fc.property(anyProblem, (problem) => {
        const { weights, relaxations, kktResidual, objective } = solve(problem, profile);
        const total = weights.reduce((sum, weight) => sum + weight, 0);
        assertAlmostEquals(total, 1, 1e-12);
        assert(Number.isFinite(objective), `objective ${objective}`);
        assertLessOrEqual(kktResidual, KKT_TOLERANCE);
        if (!relaxations.some((name) => /lifted|removed/.test(name))) {
          assertLessOrEqual(limitViolation(weightLimits(problem), weights), 1e-12);
        }
      }),
      { numRuns: 150, seed: 4 },
    );
  });

  Deno.test(`${profile} gives the same bits twice`, () => {
    fc.assert(
      fc.property(anyProblem, (problem) => {
        assertEquals(solve(problem, profile), solve(problem, profile));
      }),
      { numRuns: 10, seed: 5 },
    );
  });
}

for (const profile of ["min_variance", "max_sharpe"] as const) {
  Deno.test(`${profile} reaches the solver's objective by its own method when there is no solver`, () => {
    fc.assert(
      fc.property(anyProblem, (problem) => {
        const [a, b] = [solve(problem, profile), solve(problem, profile, noSolver)];
        // A ridge changes the problem: only equal problems have equal objectives.
        if (String(a.relaxations) !== String(b.relaxations)) return;
        const scale = Math.max(Math.abs(a.objective), 1e-6);
        assertAlmostEquals(a.objective, b.objective, 1e-6 * scale);
      }),
      { numRuns: 60, seed: 6 },
    );
  });
}

Deno.test("a solver that claims a wrong optimum is found out", () => {
  const liar: QpSolver = {
    solve: ({ linear, rows }) => ({
      x: new Float64Array(linear.length).fill(1 / 3),
      rowDuals: new Float64Array(rows.length),
    }),
  };
  const { weights, kktResidual } = solve(plainProblem([0.1, 0.2, 0.2]), "min_variance", liar);
  assertWeights(weights, [2 / 3, 1 / 6, 1 / 6]);
  assertLessOrEqual(kktResidual, KKT_TOLERANCE);
});

Deno.test("reversing the assets reverses the weights of every profile but those of trees and of ties", () => {
  fc.assert(
    fc.property(
      fc.array(fc.double({ min: 0.05, max: 0.5, noNaN: true }), { minLength: 2, maxLength: 8 }),
      fc.double({ min: 0, max: 0.8, noNaN: true }),
      (volatilities, correlation) => {
        const cap = Math.max(0.4, 1 / volatilities.length);
        const upper = new Float64Array(volatilities.length).fill(cap);
        const forward = { ...plainProblem(volatilities, correlation), upper };
        const backward = { ...plainProblem(volatilities.toReversed(), correlation), upper };
        for (const profile of LIMITED_PROFILES) {
          // A linear program may have several solutions.
          if (TREE_PROFILES.has(profile) || profile === "min_cvar") continue;
          const mirrored = solve(backward, profile).weights.toReversed();
          assertWeights(solve(forward, profile).weights, [...mirrored], 1e-4);
        }
      },
    ),
    { numRuns: 40, seed: 7 },
  );
});

Deno.test("risk_parity without caps gives every asset the same share of the variance", () => {
  fc.assert(
    fc.property(
      fc.array(fc.double({ min: 0.01, max: 0.8, noNaN: true }), { minLength: 2, maxLength: 12 }),
      fc.double({ min: 0, max: 0.95, noNaN: true }),
      (volatilities, correlation) => {
        const problem = plainProblem(volatilities, correlation);
        const { weights } = solve(problem, "risk_parity");
        const marginal = multiply(problem.covariance, weights);
        const variance = dot(marginal, weights);
        marginal.forEach((value, i) => {
          assertAlmostEquals(value * weights[i] / variance, 1 / weights.length, 1e-9);
        });
      },
    ),
    { numRuns: 60, seed: 8 },
  );
});

Deno.test("a problem that is not well formed is refused with what is wrong", () => {
  const plain = plainProblem([0.1, 0.2]);
  const refuse = (change: Partial<AllocationProblem>, message: string) =>
    assertThrows(
      () => optimizePortfolio({ ...plain, ...change }, "min_variance", solver),
      RangeError,
      message,
    );
  refuse({ mu: new Float64Array() }, "mu is empty");
  refuse({ mu: Float64Array.of(0.1, NaN) }, "mean return 1: it is NaN");
  refuse({ lower: Float64Array.of(NaN, 0) }, "lower bound 0: it is NaN");
  refuse({ upper: Float64Array.of(1, -0.1) }, "upper bound 1: it is -0.1");
  refuse({ maxAssets: 0 }, "number of assets 0");
  refuse({ tailShare: 1 }, "tail share 1");
  refuse({ upper: Float64Array.of(1) }, "2 values of upper bound needed, given 1");
  refuse({ riskFreeRate: Infinity }, "risk-free rate 0: it is Infinity");
  refuse({ covariance: { rows: 1, cols: 1, data: Float64Array.of(1) } }, "covariance is 1 × 1");
  refuse(
    { covariance: { rows: 2, cols: 2, data: Float64Array.of(-1, 0, 0, 1) } },
    "negative variance: asset 0: -1",
  );
  refuse(
    { groups: { labels: Int32Array.of(0, 3), caps: Float64Array.of(1) } },
    "asset 1: its label is 3 of 1 caps",
  );
});
