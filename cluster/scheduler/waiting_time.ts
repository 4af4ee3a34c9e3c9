import type { SchedulerState, Task } from "./state.ts";
import { finishTask } from "./tasks.ts";
import { setTimer } from "./timers.ts";
import type { SchedulerCommand, TaskError } from "./types.ts";

/** Limits the time until a task first starts, if it asks for it. After a restart of the head the time begins anew, as
 * nobody wrote down whether the task had started. */
export function limitWaitingTime(state: SchedulerState, task: Task): void {
  const queueTimeoutMs = task.record.spec.rules?.queueTimeoutMs;
  if (queueTimeoutMs === undefined || queueTimeoutMs === Infinity) return;
  setTimer(state, task, "start", state.nowMs + queueTimeoutMs);
}

/** Fails a task that did not start in time; if it is on its way to a worker, it is called back. */
export function timeOutWaiting(
  state: SchedulerState,
  task: Task,
  commands: SchedulerCommand[],
): void {
  const { spec, state: name } = task.record;
  const message = `Cannot start ${spec.name}: it is still ${name} after the ` +
    `${spec.rules?.queueTimeoutMs} ms that it may wait`;
  const error: TaskError = { kind: "timed_out", name: "QueueTimedOut", message };
  finishTask(state, task, { type: "failed", error }, "it did not start in time", commands);
}
