import type { Observed, Wanted } from "../plan.ts";
import type { Action, PlanNote } from "./actions.ts";
import type { Market } from "./machine.ts";
import { hasHead, holdsHead } from "./head_node.ts";
import { chooseLaunch } from "./rank_pools.ts";
import type { ClusterState, NodePhase, NodeRecord } from "./state.ts";

/** Phases of nodes that are workers or will be. */
const COMING: ReadonlySet<NodePhase> = new Set(
  ["intended", "launching", "booting", "ssh", "bootstrapping", "ready"] as const,
);

/** Launches what is missing, within the limits of number and price; ends what is too much. Where the head has no node,
 * that one alone is launched, and nothing ends.
 * @param leaving nodes that another action of this plan ends
 * @param notes takes why less is launched than is missing */
export function scaleActions(
  wanted: Wanted,
  observed: Observed,
  leaving: ReadonlySet<string>,
  notes: PlanNote[],
  nowMs: number,
): Action[] {
  const { state } = observed;
  const coming = [...state.nodes.values()].filter((node) =>
    COMING.has(node.phase) && !leaving.has(node.nodeId)
  );
  const isHeadMissing = wanted.headNode === "wanted" &&
    !coming.some((node) => holdsHead(state, node));
  const target = Math.min(wanted.workers, wanted.maxNodes);
  const missing = wanted.headNode === "wanted" ? Number(isHeadMissing) : target - coming.length;
  if (missing < 0) return shrink(wanted, coming, -missing);
  if (missing === 0) return [];
  if (isHeadMissing && coming.length >= wanted.maxNodes) return shrink(wanted, coming, 1);
  if (state.stopped !== undefined) {
    const { code, message } = state.stopped;
    notes.push({ type: "stopped", message: `${code}: ${message}`, untilMs: undefined });
    return [];
  }
  return grow(wanted, observed, coming, missing, notes, nowMs);
}

/** Several launches where a region cannot hold all: each is counted at once, as if it had succeeded at its worst. */
function grow(
  wanted: Wanted,
  { state, pools }: Observed,
  coming: readonly NodeRecord[],
  missing: number,
  notes: PlanNote[],
  nowMs: number,
): Action[] {
  // Those that others take back end for certain: their places are free, though not yet their price.
  const counted = [...state.nodes.values()].filter(({ phase, isTakenBack }) =>
    phase !== "gone" && !isTakenBack
  );
  let room = Math.min(missing, wanted.maxNodes - counted.length);
  if (room <= 0) {
    const message = `${counted.length - coming.length} machines that end still count`;
    notes.push({ type: "waiting", message, untilMs: undefined });
    return [];
  }
  const isForHead = wanted.headNode === "wanted";
  const { market, count } = isForHead
    ? { market: "on_demand", count: 1 } as const
    : nextMarket(wanted, coming, room);
  room = count;
  let budgetUsdPerHour = wanted.maxUsdPerHour - costUsdPerHour(state);
  let regions = wanted.regions;
  const actions: Action[] = [];
  while (room > 0) {
    const need = { market, count: room, regions, budgetUsdPerHour };
    const choice = chooseLaunch(pools, need, state, nowMs);
    if ("reason" in choice) {
      if (actions.length === 0) {
        notes.push({ type: "short", message: choice.reason, untilMs: choice.untilMs });
      }
      break;
    }
    const ordinal = state.launches.size + actions.length + 1;
    const launchId = `${state.cluster}-${state.generation}-${ordinal}`;
    actions.push({ type: "IntendLaunch", launchId, ...choice, holdsHead: isForHead });
    room -= choice.count;
    budgetUsdPerHour -= choice.count *
      Math.max(...choice.pools.map(({ priceUsdPerHour }) => priceUsdPerHour));
    regions = regions.filter((region) => region !== choice.region);
  }
  return actions;
}

/** The base is bought on demand, first. */
function nextMarket(
  { market, onDemandBase }: Wanted,
  coming: readonly NodeRecord[],
  room: number,
): { market: Market; count: number } {
  const base = coming.filter((node) => node.market === "on_demand").length;
  const lacking = market === "on_demand" ? 0 : Math.max(0, onDemandBase - base);
  return lacking > 0
    ? { market: "on_demand", count: Math.min(room, lacking) }
    : { market, count: room };
}

/** What all machines that are not gone cost together. */
function costUsdPerHour(state: ClusterState): number {
  let sum = 0;
  for (const { phase, priceUsdPerHour } of state.nodes.values()) {
    if (phase !== "gone") sum += priceUsdPerHour;
  }
  return sum;
}

/** Those that work least go first: not yet ready ones are ended, ready ones drained; the dearest first, but the base
 * last. Launches that are open are left: their machines are taken when they are there. */
function shrink(
  wanted: Wanted,
  coming: readonly NodeRecord[],
  surplus: number,
): Action[] {
  const candidates = coming.filter((node) =>
    node.machineId !== undefined && !hasHead(wanted, node)
  );
  const onDemand = coming.filter(({ market }) => market === "on_demand");
  const base = new Set(onDemand.slice(0, wanted.onDemandBase));
  const order = (node: NodeRecord) => (base.has(node) ? 2 : 0) + (node.phase === "ready" ? 1 : 0);
  const chosen = candidates.sort((a, b) =>
    order(a) - order(b) || b.priceUsdPerHour - a.priceUsdPerHour || (a.nodeId < b.nodeId ? 1 : -1)
  ).slice(0, surplus);
  const reason = "more than wanted";
  const unready = chosen.filter(({ phase }) => phase !== "ready").map(({ nodeId }) => nodeId);
  return [
    ...(unready.length === 0
      ? []
      : [{ type: "TerminateNodes", nodeIds: unready, reason } as const]),
    ...chosen.filter(({ phase }) => phase === "ready").map(({ nodeId }): Action => ({
      type: "DrainNode",
      nodeId,
      reason,
    })),
  ];
}
