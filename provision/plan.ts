import type { Action, Plan, PlanNote } from "./planning/actions.ts";
import { deadlineActions } from "./planning/deadlines.ts";
import { launchActions } from "./planning/launching.ts";
import type { Market, Pool, RegionRead } from "./planning/machine.ts";
import { machineActions } from "./planning/machines.ts";
import { readinessActions } from "./planning/readiness.ts";
import { scaleActions } from "./planning/scaling.ts";
import type { Absence } from "./planning/sightings.ts";
import type { ClusterState } from "./planning/state.ts";
import { endActions } from "./planning/teardown.ts";

/** What the cluster shall be. */
export interface Wanted {
  readonly cluster: string;
  /** How many workers; 0 with `end`. */
  readonly workers: number;
  /** Live, ending and in flight together never exceed it; those that others take back are not counted. */
  readonly maxNodes: number;
  /** What all of these cost never exceeds it. */
  readonly maxUsdPerHour: number;
  /** Regions in the order of preference. */
  readonly regions: readonly string[];
  /** Where workers beyond `onDemandBase` are bought. */
  readonly market: Market;
  /** So many workers are bought on demand, first. */
  readonly onDemandBase: number;
  /** A machine older than that is ended. */
  readonly ttlMs: number;
  /** Which node has the head: that one is kept, and ends last. `wanted`: none has, and one shall be there before any
   * other is launched. Undefined: the head is elsewhere. */
  readonly headNode: "wanted" | { readonly nodeId: string } | undefined;
  /** Whether nothing shall be left. */
  readonly end: boolean;
}

/** What is known now. */
export interface Observed {
  readonly state: ClusterState;
  /** Where machines could be had, and for how much. */
  readonly pools: readonly Pool[];
  /** The last successful look at each region; none for a region that was not read. */
  readonly reads: readonly RegionRead[];
  /** Of machines, launches and workers, by the keys of {@linkcode absenceKey}. */
  readonly absences: ReadonlyMap<string, Absence>;
  /** Workers that are registered at the head, by node id, and whether they drain; undefined: the head was not asked. */
  readonly workers: ReadonlyMap<string, { readonly draining: boolean }> | undefined;
  /** Nodes on which a long action is under way. */
  readonly busyNodes: ReadonlySet<string>;
  /** Regions that hold nothing but machines since the last `RegionUsed`. */
  readonly cleanRegions: ReadonlySet<string>;
}

/** The next actions towards what is wanted. Pure: the same input gives the same plan, and nothing but the input is
 * looked at. It is asked again after every change, so it need not look ahead: `up`, `down`, recovery from a crash and
 * the autoscaler differ in what is wanted alone.
 *
 * What belongs to another cluster does not appear in any action. */
export function plan(wanted: Wanted, observed: Observed, nowMs: number): Plan {
  const ours = onlyOurs(wanted.cluster, observed);
  // What is there comes first: as long as facts are to be taken over, nothing is decided on old ones.
  const facts = machineActions(ours, nowMs);
  if (facts.length > 0) return { actions: facts, notes: [], isReached: false };
  const notes: PlanNote[] = [];
  const actions: Action[] = [
    ...launchActions(wanted, ours, nowMs),
    ...readinessActions(ours, nowMs),
    ...deadlineActions(wanted, ours, nowMs),
  ];
  const leaving = new Set(actions.flatMap(leavingNodes));
  actions.push(
    ...(wanted.end
      ? endActions(wanted, ours, leaving, nowMs)
      : scaleActions(wanted, ours, leaving, notes, nowMs)),
  );
  return { actions, notes, isReached: isReached(wanted, ours) };
}

function onlyOurs(cluster: string, observed: Observed): Observed {
  const reads = observed.reads.map((read) => ({
    ...read,
    machines: read.machines.filter((machine) => machine.cluster === cluster),
  }));
  return { ...observed, reads };
}

/** Nodes that are no workers any more when the action is done. */
function leavingNodes(action: Action): readonly string[] {
  if (action.type === "TerminateNodes") return action.nodeIds;
  return action.type === "MoveNode" && action.phase === "draining" ? [action.nodeId] : [];
}

function isReached({ workers, end }: Wanted, { state }: Observed): boolean {
  if (end) return state.ended;
  const nodes = [...state.nodes.values()].filter(({ phase }) => phase !== "gone");
  return nodes.length === workers && nodes.every(({ phase }) => phase === "ready");
}
