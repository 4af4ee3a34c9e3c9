import { serveActorsOf } from "./actors.ts";
import { abandonAttempt, loseAttempts, takeBackAttempt, timeOutAttempt } from "./attempts.ts";
import { leaveStore, releaseIfDrained } from "./evacuation.ts";
import { endRest } from "./preparation.ts";
import { closeStore } from "./object_events.ts";
import { dropReservation, refreshWorker, unindexWorker } from "./shapes.ts";
import type { Attempt, SchedulerState, Task, Worker } from "./state.ts";
import type { SchedulerCommand } from "./types.ts";
import { attemptsOf, checkWorkerBy, expectLong, setDeadline } from "./workers.ts";

/** The connection of a worker closed: it gets nothing new, and may come back within the grace. */
export function suspectWorker(
  state: SchedulerState,
  worker: Worker,
  commands: SchedulerCommand[],
): void {
  if (worker.isReleased) return buryWorker(state, worker, "it was released", commands);
  if (worker.connection === "suspected") return;
  worker.connection = "suspected";
  worker.suspectedAtMs = state.nowMs;
  if (worker.reservedFor !== undefined) dropReservation(state, worker.reservedFor);
  checkWorkerBy(state, worker, state.nowMs + state.limits.reconnectGraceMs);
  refreshWorker(state, worker);
}

/** A worker is gone for good: its live attempts are lost, and it is forgotten. */
export function buryWorker(
  state: SchedulerState,
  worker: Worker,
  reason: string,
  commands: SchedulerCommand[],
): void {
  unindexWorker(state, worker);
  const cause = `worker ${worker.workerId} is gone: ${reason}`;
  state.workers.delete(worker.workerId);
  state.leavingWorkers.delete(worker);
  closeStore(state, worker.workerId, commands);
  loseAttempts(state, attemptsOf(worker), cause, commands);
  state.workerChecks.remove(worker);
  state.freeSlots.push(worker.slot);
}

/** A worker gets nothing new; what queues there is asked back, what runs may go on for `graceMs`. Once it holds nothing
 * it is told to stop. Asked again, the earlier end counts. */
export function drainWorker(
  state: SchedulerState,
  worker: Worker,
  graceMs: number,
  commands: SchedulerCommand[],
): void {
  worker.isDraining = true;
  worker.drainDeadlineMs = Math.min(worker.drainDeadlineMs, state.nowMs + graceMs);
  if (worker.connection === "connected") {
    for (const attempt of worker.backlog.values()) {
      const { task } = attempt;
      if (task !== undefined && !attempt.isRecalled) recallAttempt(state, task, attempt, commands);
    }
  }
  checkWorkerBy(state, worker, worker.drainDeadlineMs);
  state.leavingWorkers.add(worker);
  leaveStore(state, worker.workerId, commands);
  if (worker.reservedFor !== undefined) dropReservation(state, worker.reservedFor);
  refreshWorker(state, worker);
  serveActorsOf(state, worker);
  releaseIfDrained(state, worker, commands);
}

/** A worker has no memory left for more, or has again. */
export function pressWorker(state: SchedulerState, worker: Worker, isUnderPressure: boolean): void {
  worker.isUnderPressure = isUnderPressure;
  if (isUnderPressure && worker.reservedFor !== undefined) {
    dropReservation(state, worker.reservedFor);
  }
  refreshWorker(state, worker);
}

/** Looks at the workers whose time has come: at their silence and at the deadlines of their attempts. */
export function checkWorkers(state: SchedulerState, commands: SchedulerCommand[]): void {
  for (let next = state.workerChecks.peek(); next !== undefined; next = state.workerChecks.peek()) {
    if (next.checkAtMs > state.nowMs) return;
    const reason = reasonToBury(state, next);
    if (reason === undefined) {
      endRest(state, next);
      if (next.connection === "connected") {
        takeBackAttempts(state, next, commands);
        checkAttempts(state, next, commands);
        releaseIfDrained(state, next, commands);
      }
      next.checkAtMs = nextCheckMs(state, next);
      state.workerChecks.place(next);
    } else {
      const { workerId } = next;
      if (next.connection === "connected") commands.push({ type: "DropWorker", workerId, reason });
      buryWorker(state, next, reason, commands);
    }
  }
}

function reasonToBury(state: SchedulerState, worker: Worker): string | undefined {
  const { limits, nowMs } = state;
  if (worker.connection === "suspected") {
    if (nowMs < worker.suspectedAtMs + limits.reconnectGraceMs) return undefined;
    return `it did not come back within ${limits.reconnectGraceMs} ms`;
  }
  if (nowMs >= worker.lastHeardMs + limits.silentAfterMs) {
    return `nothing was heard of it for ${nowMs - worker.lastHeardMs} ms`;
  }
  const stuck = attemptsOf(worker).find((attempt) =>
    attempt.task === undefined && attempt.deadlineMs <= nowMs
  );
  return stuck &&
    `it did not end the cancelled attempt ${stuck.attemptId} within ${limits.endDeadlineMs} ms`;
}

/** The time of a draining worker is up. */
function takeBackAttempts(
  state: SchedulerState,
  worker: Worker,
  commands: SchedulerCommand[],
): void {
  if (worker.drainDeadlineMs > state.nowMs) return;
  worker.drainDeadlineMs = Infinity;
  worker.evacuateUntilMs = state.nowMs;
  const cause = `worker ${worker.workerId} is drained, and the time for that is up`;
  for (const attempt of attemptsOf(worker)) {
    const { task } = attempt;
    if (task !== undefined) takeBackAttempt(state, task, attempt, cause, commands);
  }
}

function checkAttempts(state: SchedulerState, worker: Worker, commands: SchedulerCommand[]): void {
  for (const attempt of attemptsOf(worker)) {
    const { task } = attempt;
    if (task === undefined || attempt.deadlineMs > state.nowMs) continue;
    if (task.actor !== undefined && attempt.isRecalled) {
      const cause = `worker ${worker.workerId} did not give it back`;
      abandonAttempt(state, task, attempt, cause, commands);
    } else if (attempt.isStarted) timeOutAttempt(state, task, attempt, commands);
    else if (attempt.isAdmitted || attempt.isRecalled) {
      const cause = `worker ${worker.workerId} did not start it in time`;
      abandonAttempt(state, task, attempt, cause, commands);
    } else recallAttempt(state, task, attempt, commands);
  }
}

/** Asks a queued attempt back: what runs before it takes longer than its name let expect. The attempt stays live, so
 * that nothing runs twice if it started meanwhile: then it runs on, else the worker answers with `cancelled`. */
function recallAttempt(
  state: SchedulerState,
  task: Task,
  attempt: Attempt,
  commands: SchedulerCommand[],
): void {
  const { attemptId, worker } = attempt;
  const { taskId } = task.record.spec;
  attempt.isRecalled = true;
  setDeadline(state, attempt, state.nowMs + state.limits.endDeadlineMs);
  commands.push({
    type: "CancelAttempt",
    workerId: worker.workerId,
    taskId,
    attemptId,
    reason: "recalled",
  });
  for (const running of worker.admitted.values()) {
    const overdue = state.nowMs - running.admittedAtMs >= state.limits.recallAfterMs;
    if (overdue) expectLong(state, running);
  }
}

function nextCheckMs(state: SchedulerState, worker: Worker): number {
  if (worker.connection === "suspected") {
    return worker.suspectedAtMs + state.limits.reconnectGraceMs;
  }
  let atMs = Math.min(
    worker.lastHeardMs + state.limits.silentAfterMs,
    worker.drainDeadlineMs,
    worker.isReleased || worker.evacuateUntilMs <= state.nowMs ? Infinity : worker.evacuateUntilMs,
    worker.restsUntilMs ?? Infinity,
  );
  for (const attempt of attemptsOf(worker)) atMs = Math.min(atMs, attempt.deadlineMs);
  return atMs;
}
