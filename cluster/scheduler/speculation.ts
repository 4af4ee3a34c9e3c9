import type { SchedulerState, Task } from "./state.ts";
import { setTimer } from "./timers.ts";

/** Has a running task looked at once it ran unusually long, or after a while when that is so already or is not known. */
export function armCopyTimer(state: SchedulerState, task: Task): void {
  const dueAtMs = straggledAtMs(state, task);
  const again = state.nowMs + state.limits.speculateRecheckMs;
  const isAhead = dueAtMs > state.nowMs && dueAtMs < Infinity;
  setTimer(state, task, "copy", isAhead ? dueAtMs : again);
}

/** Whether the one attempt of a task runs so long that a second one is worth a worker that idles. */
export function isStraggling(state: SchedulerState, task: Task): boolean {
  return straggledAtMs(state, task) <= state.nowMs;
}

/** When the attempt is as late as that; Infinity while no task of its name has ended. */
function straggledAtMs({ limits }: SchedulerState, { attempt, durations }: Task): number {
  if (attempt === undefined) return Infinity;
  const usualMs = limits.speculateFactor * durations.meanMs;
  return attempt.admittedAtMs + Math.max(usualMs, limits.speculateAfterMs);
}
