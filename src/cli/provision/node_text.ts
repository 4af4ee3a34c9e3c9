import type { JournalEvent } from "../../../provision/planning/events.ts";
import type { ClusterState, NodeRecord } from "../../../provision/planning/state.ts";
import { printable } from "../progress/terminal_text.ts";

/** A line of the journal for people, without its time; undefined for what tells them nothing. */
export function eventText(event: JournalEvent): string | undefined {
  switch (event.type) {
    case "LaunchIntended": {
      const { launchId, count, pools, region, market } = event;
      const kind = market === "spot" ? "spot " : "";
      const choice = pools.length === 1 ? pools[0].poolId : `the best of ${pools.length} pools`;
      return `${launchId}  wants ${count} ${kind}${
        count === 1 ? "machine" : "machines"
      } in ${region}: ${choice}`;
    }
    case "LaunchAnswered": {
      const failures = event.failures.map(({ code, message }) => `; ${code}: ${message}`).join("");
      return `${event.launchId}  got ${event.machines.length}${failures}`;
    }
    case "LaunchFailed":
      return `${event.launchId}  failed: ${event.failure.code}: ${event.failure.message}`;
    case "LaunchAbandoned":
      return `${event.launchId}  given up: ${event.reason}`;
    case "MachineFound":
      return `${event.nodeId}  has machine ${event.machine.machineId}, found by its tag`;
    case "NodeMoved":
      return `${event.nodeId}  ${event.phase}: ${event.reason}`;
    case "DrainCalled":
      return `${event.nodeId}  draining: ${event.reason}`;
    case "TerminateCalled":
      return `${event.nodeIds.join(", ")}  terminating: ${event.reason}`;
    case "Noted":
      return printable(`${event.nodeId ?? "cluster"}  ${event.message}`);
    case "ClusterEnded":
      return "nothing is left";
    default:
      return undefined;
  }
}

/** The nodes that are not gone. */
export function livingNodes(state: ClusterState): NodeRecord[] {
  return [...state.nodes.values()].filter(({ phase }) => phase !== "gone");
}

/** What all living nodes cost together, in dollars per hour. */
export function priceOf(state: ClusterState): number {
  return livingNodes(state).reduce((sum, { priceUsdPerHour }) => sum + priceUsdPerHour, 0);
}

const MS_PER_HOUR = 3_600_000;

/** What all nodes have cost together, those that are gone too: their price of now for the time since their machine is
 * billed, in dollars. Disks and traffic are not in it. */
export function spentUsd(state: ClusterState, nowMs: number): number {
  return [...state.nodes.values()].reduce((sum, node) => {
    const { launchedAtMs, phase, sinceMs, priceUsdPerHour } = node;
    if (launchedAtMs === undefined) return sum;
    const endMs = phase === "gone" ? sinceMs : nowMs;
    return sum + priceUsdPerHour * Math.max(0, endMs - launchedAtMs) / MS_PER_HOUR;
  }, 0);
}

/** Nodes, their phases and what they cost, a line each. */
export function nodesText(state: ClusterState, nowMs: number): string[] {
  const nodes = livingNodes(state);
  const lines = nodes.map(({ nodeId, phase, reason, poolId, sinceMs, market, priceUsdPerHour }) => {
    const seconds = Math.max(0, Math.round((nowMs - sinceMs) / 1_000));
    const price = priceUsdPerHour === 0 ? "" : `, ${priceUsdPerHour.toFixed(3)} $/h ${market}`;
    return `Node     ${nodeId}  ${phase} for ${seconds} s (${reason})${
      poolId === undefined ? "" : `, ${poolId}`
    }${price}`;
  });
  if (state.stopped !== undefined) {
    lines.push(`Stopped  ${state.stopped.code}: ${state.stopped.message}`);
  }
  const price = priceOf(state);
  const spent = spentUsd(state, nowMs);
  if (price > 0 || spent > 0) {
    lines.push(`Price    ${price.toFixed(3)} $/h, ${spent.toFixed(2)} $ so far`);
  }
  return lines;
}
