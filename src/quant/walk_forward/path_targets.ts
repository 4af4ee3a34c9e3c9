import type { RebalanceTarget } from "../simulators/rebalance_target.ts";
import type { SplitRange } from "./combinatorial_splits.ts";

/** The chain of targets of one path through combinatorial splits: each group holds the weights of the split that tests
 * it there, bought at the group's first row and again every `step` rows, as a walk-forward would. Wealth and holdings
 * carry over from group to group, so that what a change of weights costs is paid.
 * @param groups the rows of each group, in order
 * @param path for every group, the split that tests it
 * @param weights of each split; undefined where it had no solution: what is held is kept, and before the first solution
 * all is cash
 * @param assets of all weights
 * @param step rows between targets within a group, at least 1
 * @throws {RangeError} if `step` is not a whole number >= 1, or path and groups differ in length */
export function pathTargets(
  groups: readonly SplitRange[],
  path: readonly number[],
  weights: readonly (Float64Array | undefined)[],
  assets: number,
  step: number,
): RebalanceTarget[] {
  if (!(Number.isInteger(step) && step >= 1)) {
    throw new RangeError(
      `Cannot follow a path: step must be a whole number >= 1: current value is ${step}`,
    );
  }
  if (path.length !== groups.length) {
    throw new RangeError(
      `Cannot follow a path: it names ${path.length} splits for ${groups.length} groups`,
    );
  }
  const targets: RebalanceTarget[] = [];
  groups.forEach(({ from, to }, group) => {
    const found = weights[path[group]];
    if (found === undefined) {
      if (targets.length === 0) targets.push({ row: from, weights: new Float64Array(assets) });
      return;
    }
    for (let row = from; row < to; row += step) targets.push({ row, weights: found });
  });
  return targets;
}
