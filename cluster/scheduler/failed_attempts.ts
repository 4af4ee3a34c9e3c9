import { loseCall } from "./calls.ts";
import { hasBegunStream } from "./item_flows.ts";
import type { SchedulerState, Task, Worker } from "./state.ts";
import { makeDelayed, makeReady } from "./task_state.ts";
import { finishTask } from "./tasks.ts";
import { clearTimer } from "./timers.ts";
import type { RetryPolicy, SchedulerCommand, TaskError } from "./types.ts";

/** 1 for the first attempt, one more after each failure and each loss. */
export function attemptNumberOf({ record }: Task): number {
  return record.failures + record.losses + 1;
}

/** An attempt failed on a worker: the task is tried again, or has failed. */
export function failAttempt(
  state: SchedulerState,
  task: Task,
  worker: Worker,
  reported: TaskError,
  commands: SchedulerCommand[],
): void {
  tryAgain(state, task, placed(reported, task, worker), commands);
}

/** An attempt failed: the task is tried again after a while, or has failed. */
function tryAgain(
  state: SchedulerState,
  task: Task,
  error: TaskError,
  commands: SchedulerCommand[],
): void {
  const { record } = task;
  const { maxAttempts, baseDelayMs, maxDelayMs } = record.spec.retry;
  record.failures++;
  clearTimer(state, task);
  // What a constructor throws it would throw again.
  const isFinal = task.actor !== undefined && error.kind === "thrown";
  if (
    record.failures >= maxAttempts || isFinal || hasBegunStream(state, task) ||
    !isWorthRetrying(record.spec.retry, error)
  ) {
    return finishTask(state, task, { type: "failed", error }, "its last attempt failed", commands);
  }
  const delayMs = state.rng.next() * Math.min(maxDelayMs, baseDelayMs * 2 ** (record.failures - 1));
  if (delayMs > 0) makeDelayed(state, task, state.nowMs + delayMs, "its attempt failed");
  else makeReady(state, task, true, "its attempt failed");
}

function isWorthRetrying({ retryOn }: RetryPolicy, error: TaskError): boolean {
  if (retryOn === undefined) return true;
  return retryOn.kinds?.includes(error.kind) === true ||
    retryOn.names?.includes(error.name) === true;
}

/** The task is tried elsewhere: that a node cannot get the code ready is no failure of the task, up to a limit. */
export function returnUnpreparedTask(
  state: SchedulerState,
  task: Task,
  worker: Worker,
  reported: TaskError,
  commands: SchedulerCommand[],
): void {
  const error = placed(reported, task, worker);
  task.unpreparedCount++;
  if (task.unpreparedCount < state.limits.maxUnprepared) {
    return makeReady(state, task, true, error.message);
  }
  finishTask(state, task, { type: "failed", error }, "no node got its code ready", commands);
}

/** An attempt was lost with its worker, or given back: that is no failure of the task, up to a limit. */
export function returnLostTask(
  state: SchedulerState,
  task: Task,
  cause: string,
  commands: SchedulerCommand[],
): void {
  const { record, lane, actor } = task;
  if (lane !== undefined) {
    // Its actor is there without it: then it never arrived.
    if (lane.actor.isReady) return makeReady(state, task, true, cause);
    return loseCall(state, task, cause, commands);
  }
  if (actor !== undefined && record.state === "running") {
    return tryAgain(state, task, { kind: "lost", name: "NodeLost", message: cause }, commands);
  }
  record.losses++;
  if (record.losses <= state.limits.maxLosses) return beginAnew(state, task, cause, commands);
  const message =
    `Cannot finish ${record.spec.name}: ${record.losses} of its attempts were lost, ` +
    `at most ${state.limits.maxLosses} may be; the last one: ${cause}`;
  const error: TaskError = { kind: "lost", name: "TaskLost", message };
  finishTask(state, task, { type: "failed", error }, cause, commands);
}

/** The task is ready for another attempt, though the last one had begun; one whose reader has items of that, and may
 * have no other ones, has failed. */
export function beginAnew(
  state: SchedulerState,
  task: Task,
  cause: string,
  commands: SchedulerCommand[],
): void {
  if (!hasBegunStream(state, task)) return makeReady(state, task, true, cause);
  const message = `Cannot go on with ${task.record.spec.name}: items of it had arrived when its ` +
    `attempt was lost (${cause}), and with resumeStream "never" no other one begins`;
  const error: TaskError = { kind: "interrupted", name: "StreamInterrupted", message };
  finishTask(state, task, { type: "failed", error }, cause, commands);
}

/** An error with the place where it came to be. */
function placed(error: TaskError, task: Task, { workerId }: Worker): TaskError {
  return { ...error, place: { workerId, attemptNumber: attemptNumberOf(task) } };
}
