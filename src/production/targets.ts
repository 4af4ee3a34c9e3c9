import type { RebalanceTarget } from "../quant/simulators/rebalance_target.ts";
import type { Panel } from "../quant/panel.ts";
import { flattenAtoms } from "../quant/synthesis/replay_atoms.ts";
import type { Allocated, AtomWeights } from "./optimise.ts";

/** The chain of targets of one engine × profile. A window without a solution has no target: what is held goes on
 * drifting, and before the first solution all is cash. Atoms go on changing their positions from row to row until the
 * next solution; a row that changes none has no target. */
export function candidateTargets(chain: readonly Allocated[], panel: Panel): RebalanceTarget[] {
  const targets: RebalanceTarget[] = [];
  chain.forEach((allocated, i) => {
    const { window: { testFrom }, allocation, atomWeights } = allocated;
    if (allocation.status !== "infeasible") {
      targets.push({ row: testFrom, weights: allocation.weights });
      if (atomWeights !== undefined) {
        const next = chain.slice(i + 1).find((later) => later.allocation.status !== "infeasible");
        const to = next?.window.testFrom ?? panel.timestampsS.length;
        targets.push(...atomTargets(atomWeights, allocation.weights, panel, testFrom + 1, to));
      }
    } else if (targets.length === 0) {
      targets.push({ row: testFrom, weights: new Float64Array(panel.symbols.length) });
    }
  });
  return targets;
}

function atomTargets(
  { atoms, weights }: AtomWeights,
  first: Float64Array,
  panel: Panel,
  from: number,
  to: number,
): RebalanceTarget[] {
  const targets: RebalanceTarget[] = [];
  let last = first;
  for (let row = from; row < to; row++) {
    const flat = flattenAtoms(panel, atoms, weights, row);
    if (flat.every((weight, column) => weight === last[column])) continue;
    targets.push({ row, weights: flat });
    last = flat;
  }
  return targets;
}

/** What each window of one engine × profile aims at: a window without a solution keeps the weights of the one before,
 * and before the first solution all is cash. */
export function aimedWeights(chain: readonly Allocated[], symbols: number): Float64Array[] {
  let aimed = new Float64Array(symbols);
  return chain.map(({ allocation }) => {
    if (allocation.status !== "infeasible") aimed = Float64Array.from(allocation.weights);
    return aimed;
  });
}

/** What a reader has to know of the windows of one engine × profile: which problems were relaxed, and how; which had no
 * solution. Windows with the same remark share a sentence. */
export function remarksOf(chain: readonly Allocated[]): string[] {
  const windowsByRemark = new Map<string, number[]>();
  let isInvested = false;
  for (const { window, allocation } of chain) {
    const remark = allocation.status === "infeasible"
      ? `no solution, so ${
        isInvested ? "the holdings were kept" : "all stayed in cash"
      }: ${allocation.reason}`
      : allocation.status === "relaxed"
      ? `relaxed: ${allocation.relaxations.join(", ")}`
      : undefined;
    isInvested ||= allocation.status !== "infeasible";
    if (remark === undefined) continue;
    windowsByRemark.set(remark, [...windowsByRemark.get(remark) ?? [], window.index]);
  }
  return [...windowsByRemark].map(([remark, windows]) =>
    `${windows.length === 1 ? "Window" : "Windows"} ${windows.join(", ")}: ${remark}`
  );
}
