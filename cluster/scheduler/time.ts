import { nextDeadlineMs } from "./deadlines.ts";
import type { SchedulerState } from "./state.ts";

/** Takes the time of an event in. Only time that the head was awake counts for deadlines: a clock that is set back
 * stands for no time, and so does a gap after which the head comes late for its own deadline, as after the sleep of a
 * laptop or when the clock was set forward. Nobody was silent in such a gap. */
export function advanceTime(state: SchedulerState, toldMs: number): void {
  const passedMs = toldMs - state.wallMs;
  const isGap = passedMs < Infinity && passedMs > maxLateMs(state) && isLate(state, toldMs);
  if (isGap || passedMs < 0) state.skippedMs += passedMs;
  if (isGap) excuseWorkers(state);
  state.wallMs = toldMs;
  state.nowMs = Math.max(state.nowMs, toldMs - state.skippedMs);
}

function isLate(state: SchedulerState, toldMs: number): boolean {
  return toldMs - Math.max(state.wallMs, nextDeadlineMs(state)) > maxLateMs(state);
}

/** A head that is merely busy is not that late. */
function maxLateMs(state: SchedulerState): number {
  return 2 * state.limits.silentAfterMs;
}

function excuseWorkers(state: SchedulerState): void {
  for (const worker of state.workers.values()) {
    worker.lastHeardMs = state.nowMs;
    worker.suspectedAtMs = state.nowMs;
  }
}
