import type { Observed, Wanted } from "../plan.ts";
import type { Action } from "./actions.ts";
import { hasHead } from "./head_node.ts";

/** Ends everything: machines, then what regions hold beside them, and last the cluster. It has ended only when every
 * region in which something was ever made was seen empty. A node with the head ends when all that is left is its own.
 * @param leaving nodes that another action of this plan ends */
export function endActions(
  wanted: Wanted,
  { state, reads, cleanRegions }: Observed,
  leaving: ReadonlySet<string>,
  nowMs: number,
): Action[] {
  const living = [...state.nodes.values()].filter(({ phase }) => phase !== "gone");
  const head = living.find((node) => hasHead(wanted, node));
  const nodes = living.filter((node) => node !== head);
  const toEnd = nodes.filter(({ nodeId, machineId, phase }) =>
    machineId !== undefined && phase !== "terminating" && !leaving.has(nodeId)
  ).map(({ nodeId }) => nodeId);
  if (toEnd.length > 0) {
    return [{ type: "TerminateNodes", nodeIds: toEnd, reason: "the cluster shall end" }];
  }
  if (nodes.length > 0 || state.ended) return [];
  // After the loss of a journal something may be left where the configuration alone leads to.
  const readable = wanted.regions.filter((name) => reads.some(({ region }) => region === name));
  const regions = [...new Set([...state.regions, ...readable])];
  const isEmpty = (region: string) => {
    const read = reads.find((one) => one.region === region);
    return read !== undefined && read.atMs <= nowMs &&
      read.machines.every(({ machineId, state }) =>
        state === "ended" || machineId === head?.machineId
      );
  };
  if (!regions.every(isEmpty)) return [];
  const unclean = regions.filter((region) => !cleanRegions.has(region) && region !== head?.region);
  if (unclean.length > 0) return unclean.map((region) => ({ type: "CleanRegion", region }));
  return [
    head === undefined ? { type: "EndCluster" } : { type: "EndHeadNode", nodeId: head.nodeId },
  ];
}
