import { assertNever } from "../../src/base/errors.ts";
import { abandonChildren } from "./children.ts";
import { beginLife, takeCheckpoint } from "./actors.ts";
import { adoptCall, commitCall, loseCall, loseRestoredCalls, removeCall } from "./calls.ts";
import { recordDuration } from "./duration_statistics.ts";
import {
  attemptNumberOf,
  beginAnew,
  failAttempt,
  returnLostTask,
  returnUnpreparedTask,
} from "./failed_attempts.ts";
import { fenceAttempt, type FenceReason, untieAttempt } from "./fencing.ts";
import { isUnprepared, restWorker } from "./preparation.ts";
import { noteCopies } from "./object_directory.ts";
import { fetchesOf } from "./object_fetch.ts";
import { delayStarvedTask } from "./lineage.ts";
import { countLive } from "./runs.ts";
import { armCopyTimer } from "./speculation.ts";
import type { Attempt, SchedulerState, Task, Worker } from "./state.ts";
import { makeReady, moveTask } from "./task_state.ts";
import { finishTask } from "./tasks.ts";
import { clearTimer } from "./timers.ts";
import type { AttemptId, AttemptReport, ResultRef, SchedulerCommand } from "./types.ts";
import { addAttempt, attemptOf, removeAttempt, setDeadline } from "./workers.ts";

const ATTEMPTS_PER_EPOCH = 2 ** 32;
const NO_INPUTS: readonly ResultRef[] = [];

/** The first number that attempts of a head's start can have: smaller ones are of earlier starts. */
export function firstAttemptId(epoch: number): AttemptId {
  return epoch * ATTEMPTS_PER_EPOCH;
}

/** Gives a ready task to a worker under a new attempt. */
export function startAttempt(
  state: SchedulerState,
  task: Task,
  worker: Worker,
  commands: SchedulerCommand[],
): void {
  if (task.actor !== undefined && task.isAdoptable) loseRestoredCalls(state, task.actor, commands);
  moveTask(state, task, "assigned", "a worker has room for it");
  task.attempt = sendAttempt(state, task, worker, commands);
  abandonChildren(state, task);
}

/** Makes a second attempt of a running task, beside the first. */
export function startCopy(
  state: SchedulerState,
  task: Task,
  worker: Worker,
  commands: SchedulerCommand[],
): void {
  task.copy = sendAttempt(state, task, worker, commands);
}

/** The number of a new attempt.
 * @throws {RangeError} after 2^32 of them */
export function nextAttemptId(state: SchedulerState): AttemptId {
  if (state.attemptCount >= ATTEMPTS_PER_EPOCH) {
    throw new RangeError("Cannot number another attempt: this start of the head made 2^32 of them");
  }
  return firstAttemptId(state.epoch) + state.attemptCount++;
}

/** The results that a task reads, in the order of its dependencies. */
export function inputsOf(task: Task): readonly ResultRef[] {
  return task.dependencies.length === 0 ? NO_INPUTS : task.dependencies.map(resultOf);
}

/** Takes an attempt that a worker made for an earlier start of the head as the live one of a ready task. */
export function adoptAttempt(
  state: SchedulerState,
  task: Task,
  worker: Worker,
  attemptId: AttemptId,
): Attempt {
  if (task.lane !== undefined) return adoptCall(state, task, worker, attemptId);
  moveTask(state, task, "assigned", "a worker still had it from before the head's restart");
  task.attempt = placeAttempt(state, task, worker, attemptId);
  abandonChildren(state, task);
  return task.attempt;
}

/** The worker began to run an attempt: its time is limited from now on. */
export function markStarted(state: SchedulerState, attempt: Attempt): void {
  const { task } = attempt;
  if (task === undefined || attempt.isStarted) return;
  attempt.isStarted = true;
  if (task.record.state !== "running") {
    moveTask(state, task, "running", "its worker started it");
    clearTimer(state, task);
    if (task.record.spec.rules?.speculate) armCopyTimer(state, task);
  }
  setDeadline(state, attempt, state.nowMs + task.record.spec.runTimeoutMs);
}

/** Commits what a worker reports if the attempt is live. Every report is acknowledged: of one that is stale, or came
 * twice, the worker may forget what it holds. */
export function endAttempt(
  state: SchedulerState,
  worker: Worker,
  attemptId: AttemptId,
  report: AttemptReport,
  commands: SchedulerCommand[],
): void {
  const attempt = attemptOf(worker, attemptId);
  noteCopies(state, worker.workerId, report);
  if (attempt !== undefined) {
    const { task } = attempt;
    detachAttempt(state, attempt);
    if (isUnprepared(report)) restWorker(state, worker);
    if (task !== undefined) commitReport(state, task, attempt, report, commands);
  }
  commands.push({ type: "AcknowledgeAttempt", workerId: worker.workerId, attemptId });
}

/** Takes attempts that a worker does not hold any more from it; their tasks are ready again, in their order, or have
 * failed as lost. */
export function loseAttempts(
  state: SchedulerState,
  attempts: readonly Attempt[],
  cause: string,
  commands: SchedulerCommand[],
): void {
  for (const attempt of attempts) {
    const { task } = attempt;
    detachAttempt(state, attempt);
    if (task !== undefined && !goesOn(state, task)) returnLostTask(state, task, cause, commands);
  }
}

/** Makes a live attempt that never started stale; its task is ready again, or has failed as lost, unless another
 * attempt of it goes on. */
export function abandonAttempt(
  state: SchedulerState,
  task: Task,
  attempt: Attempt,
  cause: string,
  commands: SchedulerCommand[],
): void {
  dropAttempt(state, task, attempt, "stale", commands) ||
    returnLostTask(state, task, cause, commands);
}

/** Takes a live attempt back from a worker that has to go: it is stale, and its task is ready again, which counts
 * neither as a failure nor as a loss, unless another attempt of it goes on. A call that may have run is lost all the
 * same. */
export function takeBackAttempt(
  state: SchedulerState,
  task: Task,
  attempt: Attempt,
  cause: string,
  commands: SchedulerCommand[],
): void {
  if (dropAttempt(state, task, attempt, "stale", commands)) return;
  if (task.lane === undefined) beginAnew(state, task, cause, commands);
  else loseCall(state, task, cause, commands);
}

/** Makes a live attempt that ran too long stale; its task is tried again, or has failed as timed out, unless another
 * attempt of it goes on. */
export function timeOutAttempt(
  state: SchedulerState,
  task: Task,
  attempt: Attempt,
  commands: SchedulerCommand[],
): void {
  if (dropAttempt(state, task, attempt, "timed_out", commands)) return;
  const message = `Cannot finish ${task.record.spec.name}: an attempt ran longer than the ` +
    `${task.record.spec.runTimeoutMs} ms that it may`;
  const error = { kind: "timed_out", name: "TimedOut", message } as const;
  failAttempt(state, task, attempt.worker, error, commands);
}

/** @returns whether another attempt of the task goes on */
function dropAttempt(
  state: SchedulerState,
  task: Task,
  attempt: Attempt,
  reason: FenceReason,
  commands: SchedulerCommand[],
): boolean {
  fenceAttempt(state, attempt, reason, commands);
  return goesOn(state, task);
}

/** Whether a task that lost one attempt has another; its state is that of the one that is left. */
function goesOn(state: SchedulerState, task: Task): boolean {
  if (task.attempt === undefined) return false;
  if (!task.attempt.isStarted && task.record.state === "running") {
    moveTask(state, task, "assigned", "its first attempt ended, the second has not started");
  }
  if (task.attempt.isStarted && task.timer === undefined) armCopyTimer(state, task);
  return true;
}

function sendAttempt(
  state: SchedulerState,
  task: Task,
  worker: Worker,
  commands: SchedulerCommand[],
): Attempt {
  const attemptId = nextAttemptId(state);
  const attempt = placeAttempt(state, task, worker, attemptId);
  const { actor, record: { spec } } = task;
  const start = {
    workerId: worker.workerId,
    attemptId,
    spec,
    attemptNumber: attemptNumberOf(task),
    inputs: inputsOf(task),
  };
  if (actor === undefined) {
    const objects = fetchesOf(state, task, worker, start.inputs);
    commands.push({ type: "StartAttempt", ...start, objects });
  } else {
    const checkpoint = beginLife(task, attemptId, commands);
    const read = checkpoint === undefined ? start.inputs : [...start.inputs, checkpoint];
    commands.push({
      type: "StartActor",
      ...start,
      objects: fetchesOf(state, task, worker, read),
      maxConcurrency: actor.maxConcurrency,
      checkpoint,
    });
  }
  return attempt;
}

function placeAttempt(
  state: SchedulerState,
  task: Task,
  worker: Worker,
  attemptId: AttemptId,
): Attempt {
  const attempt: Attempt = {
    attemptId,
    taskId: task.record.spec.taskId,
    worker,
    shape: task.shape,
    task,
    call: undefined,
    isAdmitted: false,
    isStarted: false,
    isPreparing: false,
    expectedMs: task.durations.meanMs,
    isRecalled: false,
    isBlocked: false,
    holdsObjects: false,
    wasBlocked: false,
    admittedAtMs: 0,
    deadlineMs: Infinity,
  };
  task.isAdoptable = false;
  countLive(task.run, task.shape, 1);
  addAttempt(state, worker, attempt);
  return attempt;
}

function detachAttempt(state: SchedulerState, attempt: Attempt): void {
  if (attempt.call === undefined) removeAttempt(state, attempt);
  else removeCall(state, attempt, attempt.call);
  untieAttempt(state, attempt);
}

function commitReport(
  state: SchedulerState,
  task: Task,
  attempt: Attempt,
  report: AttemptReport,
  commands: SchedulerCommand[],
): void {
  if (report.type === "checkpointed") {
    takeCheckpoint(state, task, report.checkpoint, commands);
    return commitReport(state, task, attempt, report.report, commands);
  }
  if (task.lane !== undefined) return commitCall(state, task, report, commands);
  // The attempt that is left decides: only a success ends the task before it.
  if (report.type !== "succeeded" && goesOn(state, task)) return;
  switch (report.type) {
    case "succeeded":
      recordDuration(task.durations, report.durationMs);
      return finishTask(
        state,
        task,
        { type: "succeeded", result: report.result },
        "its attempt succeeded",
        commands,
      );
    case "failed":
      return isUnprepared(report)
        ? returnUnpreparedTask(state, task, attempt.worker, report.error, commands)
        : failAttempt(state, task, attempt.worker, report.error, commands);
    case "cancelled":
      if (attempt.isRecalled) return makeReady(state, task, true, "its worker gave it back");
      // Counted like a loss, so that a worker that refuses everything cannot keep a task going round for ever.
      return returnLostTask(state, task, "its worker cancelled it unasked", commands);
    case "starved":
      return delayStarvedTask(state, task, report.message, commands);
    default:
      assertNever(report);
  }
}

function resultOf(dependency: Task): ResultRef {
  const { outcome, spec } = dependency.record;
  if (outcome?.type !== "succeeded") {
    throw new Error(
      `Cannot read the result of task ${spec.taskId}: it is ${dependency.record.state}`,
    );
  }
  return outcome.result;
}
