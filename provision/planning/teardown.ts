import type { Observed } from "../plan.ts";
import type { Action } from "./actions.ts";

/** Ends everything: machines, then what regions hold beside them, and last the cluster. It has ended only when every
 * region in which something was ever made was seen empty.
 * @param leaving nodes that another action of this plan ends */
export function endActions(
  { state, reads, cleanRegions }: Observed,
  leaving: ReadonlySet<string>,
  nowMs: number,
): Action[] {
  const nodes = [...state.nodes.values()].filter(({ phase }) => phase !== "gone");
  const toEnd = nodes.filter(({ nodeId, machineId, phase }) =>
    machineId !== undefined && phase !== "terminating" && !leaving.has(nodeId)
  ).map(({ nodeId }) => nodeId);
  if (toEnd.length > 0) {
    return [{ type: "TerminateNodes", nodeIds: toEnd, reason: "the cluster shall end" }];
  }
  if (nodes.length > 0 || state.ended) return [];
  const regions = [...state.regions];
  const isEmpty = (region: string) => {
    const read = reads.find((one) => one.region === region);
    return read !== undefined && read.atMs <= nowMs &&
      read.machines.every((machine) => machine.state === "ended");
  };
  if (!regions.every(isEmpty)) return [];
  const unclean = regions.filter((region) => !cleanRegions.has(region));
  return unclean.length > 0
    ? unclean.map((region): Action => ({ type: "CleanRegion", region }))
    : [{ type: "EndCluster" }];
}
