import { nextObjectDeadlineMs } from "./object_directory.ts";
import type { SchedulerState } from "./state.ts";
import { nextShapeDeadlineMs } from "./unschedulable.ts";

/** When the shell should send the next `Ticked` at the latest, by the clock that it tells; Infinity when nothing waits
 * for time to pass. */
export function nextDeadlineMs(state: SchedulerState): number {
  const atMs = Math.min(
    state.workerChecks.peek()?.checkAtMs ?? Infinity,
    state.timers.peek()?.dueAtMs ?? Infinity,
    nextShapeDeadlineMs(state),
    nextObjectDeadlineMs(state),
  );
  const toldMs = atMs + state.skippedMs;
  // Sums of large and small times are rounded: what is told must be late enough to be due.
  return toldMs - state.skippedMs >= atMs ? toldMs : toldMs + ROUNDING_MS;
}

const ROUNDING_MS = 2 ** -10;
