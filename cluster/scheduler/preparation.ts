import { dropReservation, refreshWorker } from "./shapes.ts";
import type { Attempt, SchedulerState, Worker } from "./state.ts";
import type { AttemptReport } from "./types.ts";
import { checkWorkerBy, setDeadline, startLimitMs } from "./workers.ts";

/** The worker fetches and installs the code of an attempt: it has longer than others until it must have started. */
export function awaitPreparation(state: SchedulerState, attempt: Attempt): void {
  if (attempt.task === undefined || attempt.isStarted) return;
  attempt.isPreparing = true;
  setDeadline(state, attempt, state.nowMs + startLimitMs(state.limits, attempt));
}

/** Whether an attempt ended since its worker could not get its code ready. */
export function isUnprepared(report: AttemptReport): boolean {
  return report.type === "failed" && report.error.kind === "unprepared";
}

/** A worker that could not get some code ready gets nothing new for a while, so that others try: it would be the first
 * to be free again. */
export function restWorker(state: SchedulerState, worker: Worker): void {
  worker.restsUntilMs = state.nowMs + state.limits.unpreparedRestMs;
  if (worker.reservedFor !== undefined) dropReservation(state, worker.reservedFor);
  checkWorkerBy(state, worker, worker.restsUntilMs);
  refreshWorker(state, worker);
}

/** Opens a worker again whose rest is over. */
export function endRest(state: SchedulerState, worker: Worker): void {
  if (worker.restsUntilMs === undefined || worker.restsUntilMs > state.nowMs) return;
  worker.restsUntilMs = undefined;
  refreshWorker(state, worker);
}
