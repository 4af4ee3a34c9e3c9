import type { ExecutorStatus } from "../../../protocol/status.ts";
import { actorViews, loadView, storedBytes, workerViews } from "../../../scheduler/mod.ts";
import type { ActorView } from "../../../scheduler/mod.ts";
import type { Attempt, SchedulerState, Worker } from "../../../scheduler/state.ts";
import type { ActorRow, Actors, NodeDetail, NodeRow, Nodes } from "../schemas/cluster.ts";

/** What daemons last said of themselves, by worker. */
export type Heartbeats = ReadonlyMap<string, {
  readonly executors: readonly ExecutorStatus[];
  readonly preparing: readonly string[];
  readonly pulledBytes: number;
}>;

const MAX_ATTEMPTS = 200;
const MAX_OBJECTS = 50;
const MAX_ACTORS = 1_000;

/** PURE: all nodes, those that died too. O(workers + objects). */
export function nodesView(state: SchedulerState, heartbeats: Heartbeats): Nodes {
  const views = new Map(workerViews(state).map((view) => [view.workerId, view]));
  const reserved = new Map(
    loadView(state).workers.map((load) => [load.workerId, Object.fromEntries(load.reserved)]),
  );
  const stored = storedBytes(state);
  const rows = [...heartbeats].map(([nodeId, { executors, preparing, pulledBytes }]): NodeRow => {
    const view = views.get(nodeId);
    return {
      nodeId,
      state: view?.state ?? "dead",
      capacity: { ...view?.capacity },
      reserved: reserved.get(nodeId) ?? {},
      running: view?.admittedCount ?? 0,
      queued: view?.backlogCount ?? 0,
      executors: view === undefined ? 0 : executors.filter(({ isAlive }) => isAlive).length,
      peakMemoryBytes: executors.reduce((max, e) => Math.max(max, e.peakMemoryBytes), 0),
      attemptsDone: executors.reduce((sum, { tasksDone }) => sum + tasksDone, 0),
      storedBytes: stored.get(nodeId),
      pulledBytes,
      preparing: preparing.length,
    };
  });
  return { nodes: Object.fromEntries(rows.map((row) => [row.nodeId, row])) };
}

/** PURE: one node; undefined when nobody has heard of it. */
export function nodeView(
  state: SchedulerState,
  heartbeats: Heartbeats,
  nodeId: string,
): NodeDetail | undefined {
  const row = nodesView(state, heartbeats).nodes[nodeId];
  if (row === undefined) return undefined;
  const worker = state.workers.get(nodeId);
  const processes = (heartbeats.get(nodeId)?.executors ?? []).map(({ tasksDone, ...process }) => ({
    ...process,
    attemptsDone: tasksDone,
  }));
  return {
    ...row,
    processes,
    attempts: worker === undefined ? [] : attemptsOf(state, worker),
    objects: objectsOf(state, nodeId),
    actors: actorRows(state).filter((actor) => actor.nodeId === nodeId),
  };
}

/** PURE: the living actors. */
export function actorsView(state: SchedulerState): Actors {
  return { actors: Object.fromEntries(actorRows(state).map((row) => [row.actorId, row])) };
}

function actorRows(state: SchedulerState): ActorRow[] {
  return actorViews(state, MAX_ACTORS).map(({ workerId, ...actor }: ActorView) => ({
    ...actor,
    nodeId: workerId,
  }));
}

function attemptsOf(state: SchedulerState, worker: Worker): NodeDetail["attempts"] {
  const admitted = [...worker.admitted.values()].slice(0, MAX_ATTEMPTS);
  const queued = [...worker.backlog.values()].slice(0, MAX_ATTEMPTS - admitted.length);
  const rowOf = (attempt: Attempt, isQueued: boolean) => {
    const task = state.tasks.get(attempt.taskId);
    return {
      taskId: attempt.taskId,
      name: task?.record.spec.name ?? "",
      runId: task?.run.runId ?? "",
      state: isQueued
        ? "queued" as const
        : attempt.isStarted
        ? "running" as const
        : "assigned" as const,
      // A queued one has no time of its own yet.
      sinceMs: isQueued
        ? task?.record.submittedAtMs ?? state.wallMs
        : attempt.admittedAtMs + state.skippedMs,
    };
  };
  return [
    ...admitted.map((attempt) => rowOf(attempt, false)),
    ...queued.map((attempt) => rowOf(attempt, true)),
  ];
}

function objectsOf(state: SchedulerState, nodeId: string): NodeDetail["objects"] {
  const store = state.directory.stores.get(nodeId);
  const { objects } = store ?? state.directory.head;
  const largest = [...objects].sort((a, b) => b.sizeBytes - a.sizeBytes).slice(0, MAX_OBJECTS);
  let sizeBytes = 0;
  for (const object of objects) sizeBytes += object.sizeBytes;
  return {
    count: objects.size,
    sizeBytes,
    isShared: store === undefined,
    largest: largest.map(({ objectId, sizeBytes, copies }) => ({
      objectId,
      sizeBytes,
      copies: copies.size,
    })),
  };
}
