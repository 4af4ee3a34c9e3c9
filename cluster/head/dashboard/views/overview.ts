import { countsByState, loadView } from "../../../scheduler/mod.ts";
import type { SchedulerState } from "../../../scheduler/mod.ts";
import type { Counters } from "../../telemetry/counters.ts";
import type { AttemptDigest } from "../attempt_digest.ts";
import type { Cost, Overview, Sample } from "../schemas/cluster.ts";
import { type Heartbeats, nodesView } from "./nodes.ts";

/** What an overview is made of. */
export interface OverviewParts {
  readonly state: SchedulerState;
  readonly heartbeats: Heartbeats;
  readonly counters: Counters;
  readonly digest: AttemptDigest;
  readonly head: Overview["head"];
  readonly objects: Overview["objects"];
  /** Runs by state. */
  readonly runs: Overview["runs"];
  readonly sample: Sample;
  readonly cost: Cost | undefined;
}

const SHOWN_FAILURES = 3;
const MS_PER_HOUR = 3_600_000;

/** PURE: a cluster at a glance. O(workers). */
export function overviewOf(parts: OverviewParts): Overview {
  const { state, counters, digest } = parts;
  const load = loadView(state);
  const nodes: Record<string, number> = {};
  for (const node of Object.values(nodesView(state, parts.heartbeats).nodes)) {
    nodes[node.state] = (nodes[node.state] ?? 0) + 1;
  }
  const { submittedTasks, endedTasks, repeatedAttempts } = counters;
  return {
    head: parts.head,
    tasks: countsByState(state),
    totals: { submitted: submittedTasks, ...endedTasks, repeated: repeatedAttempts },
    queue: { length: load.readyCount, ageMs: Math.max(0, load.queueAgeMs) },
    capacity: Object.fromEntries(load.capacity),
    reserved: Object.fromEntries(load.reserved),
    nodes,
    objects: parts.objects,
    actors: state.actors.size,
    runs: parts.runs,
    cpuHours: digest.busyMs / MS_PER_HOUR,
    sample: parts.sample,
    cost: parts.cost,
    failures: digest.groups().slice(0, SHOWN_FAILURES),
  };
}
