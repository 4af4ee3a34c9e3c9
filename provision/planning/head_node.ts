import type { Wanted } from "../plan.ts";
import type { ClusterState, NodeRecord } from "./state.ts";

/** Whether a node is there for the head. */
export function holdsHead({ launches }: ClusterState, { launchId }: NodeRecord): boolean {
  return launches.get(launchId)?.holdsHead === true;
}

/** The node to which the head can go: that which is there for it.
 * @returns undefined while it is not ready */
export function nodeForHead(state: ClusterState): NodeRecord | undefined {
  return [...state.nodes.values()].find((node) => node.phase === "ready" && holdsHead(state, node));
}

/** Whether the head runs on a node. */
export function hasHead({ headNode }: Wanted, { nodeId }: NodeRecord): boolean {
  return typeof headNode === "object" && headNode.nodeId === nodeId;
}
