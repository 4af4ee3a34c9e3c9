import type { Observed } from "../plan.ts";
import type { Action } from "./actions.ts";
import { absenceKey, isBelieved } from "./sightings.ts";
import type { NodeRecord } from "./state.ts";

/** Moves nodes by what the head knows of their workers, and brings up those whose machine runs. */
export function readinessActions(observed: Observed, nowMs: number): Action[] {
  return [...observed.state.nodes.values()].flatMap((node) => nodeActions(node, observed, nowMs));
}

function nodeActions(node: NodeRecord, observed: Observed, nowMs: number): Action[] {
  const { nodeId, phase } = node;
  const worker = observed.workers?.get(nodeId);
  const move = (to: NodeRecord["phase"], reason: string): Action[] => [
    { type: "MoveNode", nodeId, phase: to, reason },
  ];
  switch (phase) {
    case "ssh":
    case "bootstrapping":
      if (worker !== undefined) return move("ready", "its worker is registered");
      return observed.busyNodes.has(nodeId) ? [] : [{ type: "BringUp", nodeId }];
    case "ready":
      if (worker?.draining === true) return move("draining", "its worker drains");
      return isBelieved(observed.absences.get(absenceKey("worker", nodeId)), nowMs)
        ? move("ssh", "its worker is away")
        : [];
    case "draining":
      return observed.workers !== undefined && worker === undefined
        ? [{ type: "TerminateNodes", nodeIds: [nodeId], reason: "its worker has ended" }]
        : [];
    default:
      return [];
  }
}
