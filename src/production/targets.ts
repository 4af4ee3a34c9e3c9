import type { RebalanceTarget } from "../quant/simulators/rebalance_target.ts";
import type { Allocated } from "./optimise.ts";

/** The chain of targets of one engine × profile. A window without a solution has no target: what is held goes on
 * drifting, and before the first solution all is cash. */
export function candidateTargets(chain: readonly Allocated[], symbols: number): RebalanceTarget[] {
  const targets: RebalanceTarget[] = [];
  for (const { window, allocation } of chain) {
    if (allocation.status !== "infeasible") {
      targets.push({ row: window.testFrom, weights: allocation.weights });
    } else if (targets.length === 0) {
      targets.push({ row: window.testFrom, weights: new Float64Array(symbols) });
    }
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
