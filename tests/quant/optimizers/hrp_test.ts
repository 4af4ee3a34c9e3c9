import { assertAlmostEquals, assertThrows } from "@std/assert";
import fc from "fast-check";
import { feasibleLimits } from "../../../src/quant/optimizers/feasible_limits.ts";
import { hrp } from "../../../src/quant/optimizers/hrp.ts";
import { limitViolation, weightLimits } from "../../../src/quant/optimizers/weight_limits.ts";
import { anyProblem, orderedTree, plainProblem } from "./problems.ts";

function weightsOf(volatilities: number[], labels: number[], caps: number[], upper = 1) {
  const problem = {
    ...plainProblem(volatilities),
    upper: new Float64Array(volatilities.length).fill(upper),
    groups: { labels: Int32Array.from(labels), caps: Float64Array.from(caps) },
  };
  return hrp(problem.covariance, weightLimits(problem), orderedTree(volatilities.length));
}

function assertWeights(weights: Float64Array, ...expected: number[]) {
  expected.forEach((weight, i) => assertAlmostEquals(weights[i], weight, 1e-12, `asset ${i}`));
}

Deno.test("hrp() without correlation or caps weighs by inverse variance", () => {
  assertWeights(weightsOf([1, 2], [0, 0], [1]), 0.8, 0.2);
  assertWeights(weightsOf([1, 1, 1, 1], [0, 0, 0, 0], [1]), 0.25, 0.25, 0.25, 0.25);
});

Deno.test("hrp() gives a half no more than its assets can hold", () => {
  assertWeights(weightsOf([1, 2], [0, 0], [1], 0.6), 0.6, 0.4);
});

Deno.test("hrp() caps a group that is a half of the tree", () => {
  assertWeights(weightsOf([1, 1, 1, 1], [0, 0, 1, 1], [0.3, 1]), 0.15, 0.15, 0.35, 0.35);
});

Deno.test("hrp() divides the cap of a group across a split as both halves would use it", () => {
  // Assets 1 and 2 are one group on both sides of the middle: 0.2 in all, 0.1 for each by symmetry.
  assertWeights(weightsOf([1, 1, 1, 1], [0, 1, 1, 2], [1, 0.2, 1]), 0.4, 0.1, 0.1, 0.4);
});

Deno.test("hrp() lets one side use what the other side of a group leaves of its cap", () => {
  // Asset 2 wants next to nothing, so that asset 1 may have nearly the whole cap of 0.2.
  const weights = weightsOf([1, 1, 100, 1], [0, 1, 1, 2], [1, 0.2, 1]);
  assertAlmostEquals(weights[1] + weights[2], 0.2, 1e-3);
  assertAlmostEquals(weights[2], 0, 1e-3);
});

Deno.test("hrp() leaves room in a group across a split for the lower bounds of the other side", () => {
  // Asset 1 wants all; its group of 0.3 owes 0.25 to asset 2, and asset 0 holds 0.2.
  const problem = {
    ...plainProblem([1, 0.01, 1, 1]),
    lower: Float64Array.of(0, 0, 0.25, 0),
    upper: Float64Array.of(0.2, 1, 1, 1),
    groups: { labels: Int32Array.of(0, 1, 1, 2), caps: Float64Array.of(1, 0.3, 1) },
  };
  const weights = hrp(problem.covariance, weightLimits(problem), orderedTree(4));
  assertWeights(weights, 0.2, 0.05, 0.25, 0.5);
});

Deno.test("hrp() holds all caps and lower bounds on any problem", () => {
  fc.assert(
    fc.property(anyProblem, (problem) => {
      const feasible = feasibleLimits(weightLimits(problem));
      if (feasible.status === "infeasible") throw new Error(feasible.reason);
      const weights = hrp(problem.covariance, feasible.limits, problem.linkage);
      assertAlmostEquals(limitViolation(feasible.limits, weights), 0, 1e-12);
    }),
    { numRuns: 200, seed: 3 },
  );
});

Deno.test("hrp() refuses groups that are not contiguous in the tree, and another tree's leaves", () => {
  assertThrows(
    () => weightsOf([1, 1, 1], [0, 1, 0], [1, 1]),
    RangeError,
    "group 0 is not contiguous",
  );
  const problem = plainProblem([1, 1]);
  assertThrows(
    () => hrp(problem.covariance, weightLimits(problem), orderedTree(3)),
    RangeError,
    "Cannot bisect 2 assets by a tree of 3 leaves",
  );
});
