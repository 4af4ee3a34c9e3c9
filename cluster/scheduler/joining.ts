import { isOfNewestLife, markReady, serveActorsOf } from "./actors.ts";
import { adoptAttempt, endAttempt, firstAttemptId, loseAttempts, markStarted } from "./attempts.ts";
import { releaseIfDrained } from "./evacuation.ts";
import { indexWorker, refreshWorker, unindexWorker } from "./shapes.ts";
import type { SchedulerState, Task, Worker } from "./state.ts";
import type {
  AttemptId,
  HeldAttempt,
  Resources,
  SchedulerCommand,
  SchedulerEvent,
} from "./types.ts";
import {
  addAttempt,
  attemptOf,
  attemptsOf,
  blockAttempt,
  canEverHold,
  checkWorkerBy,
  clearAttempts,
  resumeAttempt,
  setDeadline,
} from "./workers.ts";

/** A worker joined, for the first time or over a new connection: what it holds, and what it was thought to hold, are
 * made one. */
export function joinWorker(
  state: SchedulerState,
  event: SchedulerEvent & { type: "WorkerJoined" },
  commands: SchedulerCommand[],
): void {
  const known = state.workers.get(event.workerId);
  const worker = known ?? addWorker(state, event.workerId, event.capacity);
  if (known !== undefined) reopenWorker(state, known, event.capacity, commands);
  for (const held of event.held) {
    if (held.type === "finished") takeFinished(state, worker, held, commands);
  }
  const kept = new Set<AttemptId>();
  for (const held of event.held) {
    if (held.type === "finished") continue;
    if (keepRunning(state, worker, held, commands)) kept.add(held.attemptId);
  }
  const missing = attemptsOf(worker).filter((attempt) => !kept.has(attempt.attemptId));
  loseAttempts(state, missing, `worker ${worker.workerId} joined again without it`, commands);
  // The report of the start may have gone down with the connection.
  for (const attempt of worker.admitted.values()) markStarted(state, attempt);
  checkWorkerBy(state, worker, worker.drainDeadlineMs);
  serveActorsOf(state, worker);
  releaseIfDrained(state, worker, commands);
}

function addWorker(state: SchedulerState, workerId: string, capacity: Resources): Worker {
  const worker: Worker = {
    workerId,
    ordinal: state.workerOrdinal++,
    slot: state.freeSlots.pop() ?? state.workers.size,
    capacity: new Map(Object.entries(capacity)),
    reserved: new Map(),
    connection: "connected",
    suspectedAtMs: 0,
    lastHeardMs: state.nowMs,
    isDraining: false,
    drainDeadlineMs: Infinity,
    evacuateUntilMs: Infinity,
    isUnderPressure: false,
    restsUntilMs: undefined,
    isReleased: false,
    admitted: new Map(),
    backlog: new Map(),
    calls: new Map(),
    backlogMs: 0,
    shortCounts: new Map(),
    reservedFor: undefined,
    load: 0,
    checkAtMs: Infinity,
    heapPosition: -1,
  };
  state.workers.set(workerId, worker);
  indexWorker(state, worker);
  checkWorkerBy(state, worker, state.nowMs + state.limits.silentAfterMs);
  return worker;
}

function reopenWorker(
  state: SchedulerState,
  worker: Worker,
  resources: Resources,
  commands: SchedulerCommand[],
): void {
  worker.connection = "connected";
  worker.isReleased = false;
  worker.isUnderPressure = false;
  worker.restsUntilMs = undefined;
  checkWorkerBy(state, worker, state.nowMs);
  const capacity = new Map(Object.entries(resources));
  if (isSameCapacity(worker.capacity, capacity)) {
    refreshWorker(state, worker);
    return;
  }
  unindexWorker(state, worker);
  worker.capacity = capacity;
  const attempts = clearAttempts(worker);
  for (const attempt of attempts) addAttempt(state, worker, attempt);
  const tooBig = attempts.filter((attempt) => !canEverHold(worker, attempt.shape));
  loseAttempts(
    state,
    tooBig,
    `worker ${worker.workerId} joined again with less capacity`,
    commands,
  );
  indexWorker(state, worker);
}

function isSameCapacity(a: ReadonlyMap<string, number>, b: ReadonlyMap<string, number>): boolean {
  return a.size === b.size && [...a].every(([name, amount]) => b.get(name) === amount);
}

function takeFinished(
  state: SchedulerState,
  worker: Worker,
  held: HeldAttempt & { type: "finished" },
  commands: SchedulerCommand[],
): void {
  const task = claimable(state, held);
  if (task !== undefined) adoptAttempt(state, task, worker, held.attemptId);
  endAttempt(state, worker, held.attemptId, held.report, commands);
}

/** Whether what the worker runs stays with it; what is stale it is told to stop. */
function keepRunning(
  state: SchedulerState,
  worker: Worker,
  held: HeldAttempt,
  commands: SchedulerCommand[],
): boolean {
  const { taskId, attemptId } = held;
  let attempt = attemptOf(worker, attemptId);
  if (attempt === undefined) {
    const task = claimable(state, held);
    if (task !== undefined && canEverHold(worker, task.shape) && isWithItsActor(task, worker)) {
      attempt = adoptAttempt(state, task, worker, attemptId);
    }
  }
  if (attempt !== undefined && held.type === "blocked") {
    markStarted(state, attempt);
    blockAttempt(state, attempt);
  } else if (attempt !== undefined) resumeAttempt(state, attempt);
  if (attempt?.task === undefined) {
    const { workerId } = worker;
    commands.push({ type: "CancelAttempt", workerId, taskId, attemptId, reason: "stale" });
  } else if (attempt.isRecalled) {
    // The worker was not reached by the recall.
    attempt.isRecalled = false;
    setDeadline(state, attempt, state.nowMs + state.limits.recallAfterMs);
  }
  if (held.type === "alive" && attempt !== undefined) markReady(state, attempt, commands);
  return attempt !== undefined;
}

/** A call stays with a worker only if the instance that runs it is there and live: what it has of an earlier one is
 * stale. */
function isWithItsActor(task: Task, worker: Worker): boolean {
  return task.lane === undefined || task.lane.actor.task.attempt?.worker === worker;
}

/** The restored task that an attempt of an earlier start of the head may claim: the first claimant gets it. */
function claimable(state: SchedulerState, held: HeldAttempt): Task | undefined {
  const task = state.tasks.get(held.taskId);
  if (task === undefined || !task.isAdoptable || task.record.state !== "ready") return undefined;
  const isOfEarlierStart = held.attemptId < firstAttemptId(state.epoch);
  return isOfEarlierStart && isOfNewestLife(task, held.attemptId) ? task : undefined;
}
