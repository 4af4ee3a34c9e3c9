import type { SchedulerState, Task, TaskTimer } from "./state.ts";

/** Sets the one timer of a task, in place of the one that it had. */
export function setTimer(
  state: SchedulerState,
  task: Task,
  purpose: TaskTimer["purpose"],
  dueAtMs: number,
): void {
  clearTimer(state, task);
  task.timer = { task, purpose, dueAtMs, sequence: state.timerSequence++, heapPosition: -1 };
  state.timers.place(task.timer);
}

/** Takes the timer of a task away, if it has one. */
export function clearTimer(state: SchedulerState, task: Task): void {
  if (task.timer === undefined) return;
  state.timers.remove(task.timer);
  task.timer = undefined;
}

/** Takes out the timers that are due.
 * @returns them in the order in which they were due */
export function takeDueTimers(state: SchedulerState): TaskTimer[] {
  const due: TaskTimer[] = [];
  for (let timer = state.timers.peek(); timer !== undefined; timer = state.timers.peek()) {
    if (timer.dueAtMs > state.nowMs) break;
    clearTimer(state, timer.task);
    due.push(timer);
  }
  return due;
}
