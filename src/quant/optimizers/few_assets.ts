import type { Allocation } from "./allocation.ts";
import type { AllocationProblem } from "./allocation_problem.ts";
import { restrictProblem, spreadWeights } from "./restrict_problem.ts";

/** Weights at or below this are rounding: they are solved without. */
const NO_WEIGHT = 1e-9;

/** Holds a problem to `maxAssets` weights that are not zero, by pruning: solve, keep the largest of them and those
 * that must be held, and solve again over these, recorded as `pruned_to:K`. Where no pruning is needed the answer is
 * exact; otherwise it is the best over the assets kept, and need not be the best over all choices of K, which is a
 * problem of integers.
 * @param optimize solves without the limit on the number */
export function optimizeFewAssets(
  problem: AllocationProblem,
  maxAssets: number,
  optimize: (problem: AllocationProblem) => Allocation,
): Allocation {
  const all = optimize({ ...problem, maxAssets: undefined });
  if (all.status === "infeasible") return all;
  const size = (i: number) => Math.abs(all.weights[i]);
  const held = Array.from(all.weights.keys()).filter((i) => size(i) > NO_WEIGHT);
  const fits = held.length <= maxAssets;
  if (fits && all.weights.every((weight, i) => weight === 0 || size(i) > NO_WEIGHT)) return all;
  const isNeeded = (i: number) => problem.lower[i] > 0;
  const needed = Array.from(all.weights.keys()).filter(isNeeded).length;
  if (needed > maxAssets) {
    return {
      status: "infeasible",
      reason: `Cannot hold at most ${maxAssets} assets: ${needed} have a lower bound above 0`,
    };
  }
  const kept = held
    .sort((a, b) => Number(isNeeded(b)) - Number(isNeeded(a)) || size(b) - size(a) || a - b)
    .slice(0, maxAssets)
    .sort((a, b) => a - b);
  const few = optimize(restrictProblem(problem, kept));
  if (few.status === "infeasible") return few;
  return {
    ...few,
    status: fits ? few.status : "relaxed",
    weights: spreadWeights(all.weights.length, kept, few.weights),
    relaxations: fits ? few.relaxations : [`pruned_to:${maxAssets}`, ...few.relaxations],
  };
}
