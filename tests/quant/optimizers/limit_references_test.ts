import { assert, assertAlmostEquals, assertLessOrEqual } from "@std/assert";
import { covarianceDistances } from "../../../src/quant/clustering/correlation_distance.ts";
import { linkage } from "../../../src/quant/clustering/linkage.ts";
import { ledoitWolf } from "../../../src/quant/estimators/ledoit_wolf.ts";
import { meanReturns } from "../../../src/quant/estimators/mean_returns.ts";
import { sampleCovariance } from "../../../src/quant/estimators/sample_covariance.ts";
import type { AllocationProblem } from "../../../src/quant/optimizers/allocation_problem.ts";
import { optimizePortfolio } from "../../../src/quant/optimizers/optimize_portfolio.ts";
import type { ProfileName } from "../../../src/quant/optimizers/profiles.ts";
import { loadQpSolver } from "../../../src/quant/optimizers/qp_solver.ts";
import limitReferences from "../../reference/optimizers/limit_references.json" with {
  type: "json",
};
import references from "../../reference/optimizers/references.json" with { type: "json" };

/** What a case sets of its problem: bounds as one number for all assets, arrays as lists. */
interface ReferenceProblem {
  readonly lower?: number;
  readonly upper?: number;
  readonly riskAversion?: number;
  readonly l2Penalty?: number;
  readonly grossLimit?: number;
  readonly betas?: number[];
  readonly trading?: { held: number[]; costRate: number; turnoverLimit?: number };
}

const solver = await loadQpSolver();
const { T, N, periodsPerYear: A } = references;
const scenarios = { values: Float64Array.from(references.returns), T, N };
const shrunk = ledoitWolf(scenarios).covariance;

function problemOf(reference: ReferenceProblem): AllocationProblem {
  const { lower = 0, upper = 1, betas, trading, ...rest } = reference;
  return {
    ...rest,
    mu: meanReturns(scenarios).map((mean) => mean * A),
    covariance: { ...shrunk, data: shrunk.data.map((value) => value * A) },
    lower: new Float64Array(N).fill(lower),
    upper: new Float64Array(N).fill(upper),
    betas: betas && Float64Array.from(betas),
    trading: trading &&
      { turnoverLimit: Infinity, ...trading, held: Float64Array.from(trading.held) },
    riskFreeRate: references.riskFreeRate,
    scenarios,
  };
}

const MAXIMISED = new Set(["mean_variance", "max_sharpe", "max_diversification"]);

for (const { name, profile, problem, weights, objective } of limitReferences.cases) {
  const terms = Object.keys(problem).join(", ") || "nothing else";
  Deno.test(`${profile} reaches the objective of ${name} with ${terms}`, () => {
    const found = optimizePortfolio(
      problemOf(problem as ReferenceProblem),
      profile as ProfileName,
      solver,
    );
    assert(found.status === "optimal", JSON.stringify(found));
    assertLessOrEqual(found.kktResidual, 1e-8);
    assertAlmostEquals(found.objective, objective, 1e-6 * Math.abs(objective));
    // An interior-point reference may be a hair outside of its limits, never far better.
    const sign = MAXIMISED.has(profile) ? -1 : 1;
    assertLessOrEqual(sign * (found.objective - objective), 1e-7 * Math.abs(objective));
    // Of a linear program's solutions there may be several.
    if (profile === "min_cvar") return;
    weights.forEach((weight, i) =>
      assertAlmostEquals(found.weights[i], weight, 1e-3, references.symbols[i])
    );
  });
}

Deno.test("herc gives the weights of skfolio's for the same four clusters", () => {
  const covariance = sampleCovariance(scenarios);
  const found = optimizePortfolio(
    {
      ...problemOf({}),
      covariance,
      groups: {
        labels: Int32Array.from(limitReferences.herc.labels),
        caps: new Float64Array(4).fill(1),
      },
      linkage: linkage(covarianceDistances(covariance), "ward"),
    },
    "herc",
    solver,
  );
  assert(found.status === "optimal", JSON.stringify(found));
  limitReferences.herc.weights.forEach((weight, i) =>
    assertAlmostEquals(found.weights[i], weight, 1e-9, references.symbols[i])
  );
});
