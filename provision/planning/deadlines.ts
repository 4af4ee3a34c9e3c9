import type { Observed, Wanted } from "../plan.ts";
import type { Action } from "./actions.ts";
import type { NodePhase, NodeRecord } from "./state.ts";

/** How long a node may be in a phase, and what to look at when that is over; a phase without an entry has no end by
 * time. `terminating` is called again so often. */
const PHASE_DEADLINES: Readonly<
  Partial<Record<NodePhase, { readonly ms: number; readonly hint: string }>>
> = {
  booting: { ms: 300_000, hint: "the machine got no address: look at its console" },
  ssh: { ms: 240_000, hint: "SSH does not answer: a subnet without a route out, or a firewall" },
  bootstrapping: { ms: 900_000, hint: "see cluster:logs for what it was doing" },
  draining: { ms: 300_000, hint: "its tasks took longer than a drain may" },
};

/** An end that was called for is called for again after so long, while the machine is still there. */
const TERMINATE_AGAIN_MS = 30_000;

/** Ends nodes that are too long in a phase, or too old, and asks again for ends that did not come. */
export function deadlineActions(wanted: Wanted, observed: Observed, nowMs: number): Action[] {
  const ends = new Map<string, string[]>();
  for (const node of observed.state.nodes.values()) {
    const reason = reasonToEnd(node, wanted, nowMs);
    if (reason !== undefined) ends.set(reason, [...(ends.get(reason) ?? []), node.nodeId]);
  }
  return [...ends].map(([reason, nodeIds]): Action => ({
    type: "TerminateNodes",
    nodeIds,
    reason,
  }));
}

function reasonToEnd(node: NodeRecord, { ttlMs }: Wanted, nowMs: number): string | undefined {
  const { phase, machineId, sinceMs, launchedAtMs, terminateCalledAtMs } = node;
  if (machineId === undefined || phase === "gone") return undefined;
  if (phase === "terminating") {
    const isDue = nowMs - (terminateCalledAtMs ?? -Infinity) >= TERMINATE_AGAIN_MS;
    return isDue ? node.reason : undefined;
  }
  if (launchedAtMs !== undefined && nowMs - launchedAtMs >= ttlMs) {
    return "it has lived for ttl_hours";
  }
  const deadline = PHASE_DEADLINES[phase];
  return deadline !== undefined && nowMs - sinceMs >= deadline.ms
    ? `${phase} for ${Math.round(deadline.ms / 60_000)} minutes: ${deadline.hint}`
    : undefined;
}
