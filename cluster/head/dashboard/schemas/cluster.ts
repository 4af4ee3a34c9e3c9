import { z } from "zod";

/** Amounts by resource: cpus, bytes of memory, labels. */
const resources = z.record(z.string(), z.number());
const counts = z.record(z.string(), z.number().int());
const timeMs = z.number().describe("Milliseconds since the Unix epoch");

/** Attempts that failed for one reason. */
const failureGroup = z.object({
  groupId: z.string(),
  kind: z.string().describe("thrown, crashed, out_of_memory, timed_out, lost, dependency, …"),
  cause: z.string().describe("The newest message in full"),
  count: z.number().int(),
  firstAtMs: timeMs,
  lastAtMs: timeMs,
  names: z.array(z.string()).describe("What the tasks do, at most 8"),
  runs: z.array(z.string()).describe("At most 8"),
  nodes: z.array(z.string()).describe("At most 8"),
  tasks: z.array(z.string()).describe("The newest task ids, at most 8"),
});
/** See {@linkcode failureGroup}. */
export type FailureGroup = z.infer<typeof failureGroup>;

/** What goes wrong, the most frequent cause of the newest failures first. */
export const failures = z.object({
  total: z.number().int(),
  groups: z.array(failureGroup),
});
/** See {@linkcode failures}. */
export type Failures = z.infer<typeof failures>;

/** One second of a cluster. */
export const sample = z.object({
  atMs: timeMs,
  endedPerSecond: z.number(),
  failedPerSecond: z.number(),
  running: z.number().int().describe("Tasks that a node has"),
  ready: z.number().int(),
  cpusReserved: z.number(),
  cpusTotal: z.number(),
});
/** See {@linkcode sample}. */
export type Sample = z.infer<typeof sample>;

/** The last quarter of an hour, a point a second. */
export const series = z.object({
  stepMs: z.number(),
  measuredFromMs: timeMs.describe("Before it only the ends are known, the rest is 0"),
  atMs: z.array(z.number()),
  endedPerSecond: z.array(z.number()),
  failedPerSecond: z.array(z.number()),
  running: z.array(z.number()),
  ready: z.array(z.number()),
  cpusReserved: z.array(z.number()),
  cpusTotal: z.array(z.number()),
});
/** See {@linkcode series}. */
export type Series = z.infer<typeof series>;

/** What the machines cost. */
export interface Cost {
  readonly usdPerHour: number;
  readonly usdSoFar?: number | undefined;
  readonly machines: number;
}

/** See {@linkcode Cost}. */
export const cost: z.ZodType<Cost> = z.object({
  usdPerHour: z.number(),
  usdSoFar: z.number().optional(),
  machines: z.number().int(),
});

/** A cluster at a glance. */
export const overview = z.object({
  head: z.object({
    pid: z.number().int(),
    startedAtMs: timeMs,
    residentBytes: z.number(),
    journalBytes: z.number(),
    refusedConnections: z.number().int(),
  }),
  tasks: counts.describe("Known tasks by state"),
  totals: z.object({
    submitted: z.number().int(),
    succeeded: z.number().int(),
    failed: z.number().int(),
    cancelled: z.number().int(),
    repeated: z.number().int().describe("Attempts after a failure or a loss"),
  }).describe("Since the head's start"),
  queue: z.object({ length: z.number().int(), ageMs: z.number() }),
  capacity: resources,
  reserved: resources,
  nodes: counts.describe("Nodes by state"),
  objects: z.object({ count: z.number().int(), sizeBytes: z.number() }),
  actors: z.number().int(),
  runs: counts.describe("Runs by state"),
  cpuHours: z.number().describe("Time of executors in the attempts that the history has"),
  sample,
  cost: cost.optional(),
  failures: z.array(failureGroup).describe("The first three"),
});
/** See {@linkcode overview}. */
export type Overview = z.infer<typeof overview>;

/** A node in a list. */
const nodeRow = z.object({
  nodeId: z.string(),
  state: z.enum(["connected", "suspected", "draining", "dead"]),
  capacity: resources,
  reserved: resources,
  running: z.number().int(),
  queued: z.number().int(),
  executors: z.number().int().describe("Living processes"),
  peakMemoryBytes: z.number().describe("The most that one of its processes has had resident"),
  attemptsDone: z.number().int(),
  storedBytes: z.number().optional().describe("Absent: it shares the head's store"),
  pulledBytes: z.number(),
  preparing: z.number().int().describe("Versions of code that it installs"),
});
/** See {@linkcode nodeRow}. */
export type NodeRow = z.infer<typeof nodeRow>;

/** All nodes by id; those that died stay listed. */
export const nodes = z.object({ nodes: z.record(z.string(), nodeRow) });
/** See {@linkcode nodes}. */
export type Nodes = z.infer<typeof nodes>;

/** A living actor. */
const actorRow = z.object({
  actorId: z.string(),
  className: z.string(),
  name: z.string().optional(),
  state: z.enum(["alive", "starting", "waiting"]),
  nodeId: z.string().optional(),
  calls: z.number().int().describe("Unfinished ones"),
});
/** See {@linkcode actorRow}. */
export type ActorRow = z.infer<typeof actorRow>;

/** Living actors by id, the first thousand. */
export const actors = z.object({ actors: z.record(z.string(), actorRow) });
/** See {@linkcode actors}. */
export type Actors = z.infer<typeof actors>;

/** One node. */
export const nodeDetail = nodeRow.extend({
  processes: z.array(z.object({
    pid: z.number().int(),
    isAlive: z.boolean(),
    peakMemoryBytes: z.number(),
    attemptsDone: z.number().int(),
    permissions: z.string(),
  })),
  attempts: z.array(z.object({
    taskId: z.string(),
    name: z.string(),
    runId: z.string(),
    state: z.enum(["running", "assigned", "queued"]),
    sinceMs: timeMs,
  })).describe("At most 200"),
  objects: z.object({
    count: z.number().int(),
    sizeBytes: z.number(),
    isShared: z.boolean().describe("They lie in the head's store"),
    largest: z.array(z.object({ objectId: z.string(), sizeBytes: z.number(), copies: z.number() })),
  }),
  actors: z.array(actorRow),
});
/** See {@linkcode nodeDetail}. */
export type NodeDetail = z.infer<typeof nodeDetail>;
