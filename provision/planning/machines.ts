import type { Observed } from "../plan.ts";
import type { Action } from "./actions.ts";
import type { Machine } from "./machine.ts";
import { absenceKey, isBelieved } from "./sightings.ts";
import { type ClusterState, isWithoutMachine, type NodeRecord, nodesOf } from "./state.ts";

/** Whether a machine is billed or will be. */
export function isAlive({ state }: Machine): boolean {
  return state === "pending" || state === "running";
}

/** Takes over what the provider shows: machines that no node has, addresses, ends and absences. */
export function machineActions(observed: Observed, nowMs: number): Action[] {
  const { state } = observed;
  const nodes = [...state.nodes.values()];
  const byMachine = new Map(nodes.map((node) => [node.machineId, node]));
  const taken = new Set<string>();
  const actions = observed.reads.flatMap(({ machines }) =>
    machines.flatMap((machine): Action[] => {
      const node = byMachine.get(machine.machineId);
      if (node !== undefined) return shownActions(node, machine);
      if (!isAlive(machine)) return [];
      const nodeId = placeFor(machine, state, taken);
      taken.add(nodeId);
      return [{ type: "TakeMachine", nodeId, machine }];
    })
  );
  const missing = nodes.filter((node) => node.phase !== "gone" && isMissing(node, observed, nowMs));
  return [
    ...actions,
    ...missing.map(({ nodeId, phase }): Action => ({
      type: "MoveNode",
      nodeId,
      phase: "gone",
      reason: phase === "terminating" ? "ended" : "its machine is not there any more",
    })),
  ];
}

function isMissing(
  { machineId, region }: NodeRecord,
  { reads, absences }: Observed,
  nowMs: number,
): boolean {
  if (machineId === undefined) return false;
  const read = reads.find((one) => one.region === region);
  return read?.isWhole === true
    ? !read.machines.some((machine) => machine.machineId === machineId)
    : isBelieved(absences.get(absenceKey("machine", machineId)), nowMs);
}

function shownActions(node: NodeRecord, machine: Machine): Action[] {
  const { nodeId, phase } = node;
  if (phase === "gone") {
    // A node is gone when its absence was believed; the provider shows its machine again.
    return isAlive(machine)
      ? [{
        type: "MoveNode",
        nodeId,
        phase: "terminating",
        reason: "its machine is there after all",
      }]
      : [];
  }
  if (machine.state === "ended") {
    const reason = machine.endReason ?? (phase === "terminating" ? "ended" : "its machine ended");
    return [{ type: "MoveNode", nodeId, phase: "gone", reason }];
  }
  if (machine.state === "ending" && phase !== "terminating") {
    const reason = machine.endReason ?? "its machine ends";
    return [{ type: "MoveNode", nodeId, phase: "terminating", reason }];
  }
  if (machine.address !== undefined && machine.address !== node.address) {
    return [{ type: "NoteAddress", nodeId, address: machine.address }];
  }
  if (phase === "booting" && machine.state === "running" && machine.address !== undefined) {
    return [{ type: "MoveNode", nodeId, phase: "ssh", reason: "its machine runs" }];
  }
  return [];
}

/** The place of its launch that waits for a machine; a new one when there is none. */
function placeFor(machine: Machine, state: ClusterState, taken: ReadonlySet<string>): string {
  const free = nodesOf(state, machine.launchId).find((node) =>
    isWithoutMachine(node) && !taken.has(node.nodeId)
  );
  return free?.nodeId ?? `${machine.launchId}-${machine.machineId}`;
}
