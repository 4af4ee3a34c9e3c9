import { assertAlmostEquals, assertEquals, assertLessOrEqual } from "@std/assert";
import { ledoitWolf } from "../../../src/quant/estimators/ledoit_wolf.ts";
import { meanReturns } from "../../../src/quant/estimators/mean_returns.ts";
import { sampleCovariance } from "../../../src/quant/estimators/sample_covariance.ts";
import type { Matrix } from "../../../src/quant/matrix.ts";
import { optimizePortfolio } from "../../../src/quant/optimizers/optimize_portfolio.ts";
import type { ProfileName } from "../../../src/quant/optimizers/profiles.ts";
import { loadQpSolver } from "../../../src/quant/optimizers/qp_solver.ts";
import references from "../../reference/optimizers/references.json" with { type: "json" };

interface ReferenceCase {
  readonly name: string;
  readonly maxWeight?: number;
  readonly minWeight?: number;
  readonly groupCap?: number;
  readonly weights: number[];
}

const solver = await loadQpSolver();
const { T, N, periodsPerYear } = references;
const window = { values: Float64Array.from(references.returns), T, N };
const annualised = (matrix: Matrix): Matrix => ({
  ...matrix,
  data: matrix.data.map((value) => value * periodsPerYear),
});
const mu = meanReturns(window).map((mean) => mean * periodsPerYear);
const shrunk = annualised(ledoitWolf(window).covariance);

function solveCase(reference: ReferenceCase, profile: ProfileName, covariance: Matrix) {
  const labels = Int32Array.from(references.groups);
  const caps = new Float64Array(Math.max(...labels) + 1).fill(reference.groupCap ?? 1);
  const allocation = optimizePortfolio(
    {
      mu,
      covariance,
      lower: new Float64Array(N).fill(reference.minWeight ?? 0),
      upper: new Float64Array(N).fill(reference.maxWeight ?? 1),
      groups: reference.groupCap === undefined ? undefined : { labels, caps },
      riskFreeRate: references.riskFreeRate,
    },
    profile,
    solver,
  );
  if (allocation.status !== "optimal") throw new Error(JSON.stringify(allocation));
  return allocation;
}

function limitsOf({ maxWeight, minWeight, groupCap }: ReferenceCase): string {
  return [
    minWeight && `weights from ${minWeight}`,
    maxWeight && `weights to ${maxWeight}`,
    groupCap && `groups to ${groupCap}`,
  ].filter(Boolean).join(", ") || "no caps";
}

for (const reference of references.cases) {
  Deno.test(`${reference.profile} reaches the objective of ${reference.name} with ${limitsOf(reference)}`, () => {
    const allocation = solveCase(reference, reference.profile as ProfileName, shrunk);
    const tolerance = 1e-6 * Math.abs(reference.objective);
    assertAlmostEquals(allocation.objective, reference.objective, tolerance);
    // An interior-point reference is a hair inside its limits: ours may be better, never worse.
    const sign = reference.profile === "max_sharpe" ? -1 : 1;
    assertLessOrEqual(sign * (allocation.objective - reference.objective), 1e-9);
    reference.weights.forEach((weight, i) => {
      assertAlmostEquals(allocation.weights[i], weight, 1e-4, references.symbols[i]);
      // The solver's vertex has true zeros; the interior-point fallback, not needed here, would not.
      if (weight < 1e-7) assertEquals(allocation.weights[i], 0, references.symbols[i]);
    });
  });
}

for (const reference of references.hrpCases as ReferenceCase[]) {
  Deno.test(`hrp gives the weights of ${reference.name} with ${limitsOf(reference)}`, () => {
    const { weights } = solveCase(reference, "hrp", sampleCovariance(window));
    reference.weights.forEach((weight, i) =>
      assertAlmostEquals(weights[i], weight, 1e-9, references.symbols[i])
    );
  });
}

Deno.test("the reference groups are capped where their caps would otherwise be exceeded", () => {
  const binding = references.cases.filter((reference) => {
    if (reference.groupCap === undefined) return false;
    const sums = new Map<number, number>();
    reference.weights.forEach((weight, i) => {
      const group = references.groups[i];
      sums.set(group, (sums.get(group) ?? 0) + weight);
    });
    return [...sums.values()].some((sum) => Math.abs(sum - (reference.groupCap ?? 1)) < 1e-6);
  });
  assertEquals(binding.length, 3);
});
