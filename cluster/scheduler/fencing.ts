import type { SchedulerState, Task } from "./state.ts";
import type { SchedulerCommand } from "./types.ts";
import { setDeadline } from "./workers.ts";

/** Makes the live attempt of a task stale, if there is one, and tells its worker to stop it. Its resources stay
 * reserved until the worker reports the end: until then the executor is busy. */
export function fenceAttempt(
  state: SchedulerState,
  task: Task,
  reason: "cancelled" | "timed_out" | "stale",
  commands: SchedulerCommand[],
): void {
  const { attempt } = task;
  if (attempt === undefined) return;
  task.attempt = undefined;
  attempt.task = undefined;
  setDeadline(state, attempt, state.nowMs + state.limits.endDeadlineMs);
  const { taskId, attemptId, worker: { workerId } } = attempt;
  commands.push({ type: "CancelAttempt", workerId, taskId, attemptId, reason });
}
