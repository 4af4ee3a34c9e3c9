import { abandonChildren, letGoOfAttempt } from "./children.ts";
import { countLive } from "./runs.ts";
import type { Attempt, SchedulerState, Task } from "./state.ts";
import type { SchedulerCommand } from "./types.ts";
import { setDeadline } from "./workers.ts";

/** Why a worker is told to stop an attempt that does not count any more. */
export type FenceReason = "cancelled" | "timed_out" | "stale";

/** Makes all live attempts of a task stale, and tells their workers to stop them. */
export function fenceAttempts(
  state: SchedulerState,
  task: Task,
  reason: FenceReason,
  commands: SchedulerCommand[],
): void {
  while (task.attempt !== undefined) fenceAttempt(state, task.attempt, reason, commands);
}

/** Makes a live attempt stale and tells its worker to stop it. Its resources stay reserved until the worker reports the
 * end: until then the executor is busy. */
export function fenceAttempt(
  state: SchedulerState,
  attempt: Attempt,
  reason: FenceReason,
  commands: SchedulerCommand[],
): void {
  const { taskId, attemptId, worker: { workerId } } = attempt;
  untieAttempt(state, attempt);
  setDeadline(state, attempt, state.nowMs + state.limits.endDeadlineMs);
  commands.push({ type: "CancelAttempt", workerId, taskId, attemptId, reason });
}

/** Takes a live attempt from its task, with the tasks that it submitted; if there are two, the other one goes on. */
export function untieAttempt(state: SchedulerState, attempt: Attempt): void {
  const { task } = attempt;
  if (task === undefined) return;
  attempt.task = undefined;
  if (task.actor !== undefined) task.actor.isReady = false;
  if (task.attempt === attempt) task.attempt = task.copy;
  task.copy = undefined;
  abandonChildren(state, task);
  letGoOfAttempt(state, attempt);
  countLive(task.run, attempt.shape, -1);
}
