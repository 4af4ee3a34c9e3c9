import type { SchedulerLimits } from "./config.ts";
import { refreshWorker } from "./shapes.ts";
import type { Attempt, SchedulerState, Shape, Worker } from "./state.ts";

/** Amounts may be fractions, whose sums are inexact: a worker is full when less than this share would be left. */
const ROUNDING = 1e-9;

/** From this load on, a candidate has room in its backlog alone. */
export const BACKLOG_LOAD = 2;

/** The least load of a candidate that a task would rather not go to. */
const FAR_LOAD = 1;

/** Whether a worker gets anything new at all. */
export function isOpen(worker: Worker): boolean {
  return worker.connection === "connected" && !worker.isDraining && !worker.isUnderPressure &&
    worker.restsUntilMs === undefined;
}

/** Whether a worker with nothing to do could hold a task of this shape. */
export function canEverHold(worker: Worker, shape: Shape): boolean {
  if (shape.affinity?.mode === "require" && !isNear(worker, shape)) return false;
  for (const [name, amount] of shape.amounts) {
    if (amount > (worker.capacity.get(name) ?? 0)) return false;
  }
  return true;
}

/** Whether a worker is one of those that the shape's affinity names; without one all are. */
export function isNear(worker: Worker, { affinity }: Shape): boolean {
  if (affinity === undefined) return true;
  const { nodes, labels } = affinity;
  if (nodes !== undefined && !nodes.includes(worker.workerId)) return false;
  return labels?.every((label) => (worker.capacity.get(label) ?? 0) > 0) ?? true;
}

/** Whether the worker's free resources hold one more task of this shape. */
export function fits(limits: SchedulerLimits, worker: Worker, shape: Shape): boolean {
  if (worker.admitted.size >= limits.maxAttemptsPerWorker) return false;
  for (const [name, amount] of shape.amounts) {
    const capacity = worker.capacity.get(name) ?? 0;
    if ((worker.reserved.get(name) ?? 0) + amount > capacity * (1 + ROUNDING)) return false;
  }
  return true;
}

/** How well a worker takes a task of this shape now, lower is better: its load, from 0 to 1, when the task would
 * start at once; 1 to 1.5 when it would start, but prefers other workers; 2 + the filled share of its backlog when it
 * would queue there for a short time; Infinity when it takes none.
 *
 * A task may queue only behind running ones of its own shape that are expected to be short: when such a one ends, the
 * next fits exactly, so that the worker's queue never stands still before a task that needs more. */
export function loadFor(limits: SchedulerLimits, worker: Worker, shape: Shape): number {
  if (!isOpen(worker)) return Infinity;
  if (worker.reservedFor !== undefined && worker.reservedFor !== shape) return Infinity;
  if (worker.backlog.size === 0 && fits(limits, worker, shape)) {
    return isNear(worker, shape) ? worker.load : FAR_LOAD + worker.load / 2;
  }
  const shortCount = worker.shortCounts.get(shape) ?? 0;
  const roomMs = shortCount * limits.prefetchTargetMs;
  if (worker.backlogMs >= roomMs || worker.backlog.size >= shortCount * limits.maxPrefetch) {
    return Infinity;
  }
  if (worker.backlog.size > 0 && firstOf(worker.backlog).shape !== shape) return Infinity;
  return BACKLOG_LOAD + worker.backlogMs / roomMs;
}

/** Puts an attempt at the end of what the worker has: admitted when it fits and nothing queues, else in the backlog. */
export function addAttempt(state: SchedulerState, worker: Worker, attempt: Attempt): void {
  const hasRoom = worker.backlog.size === 0 && fits(state.limits, worker, attempt.shape);
  if (hasRoom || attempt.isBlocked) {
    admit(state, worker, attempt);
  } else {
    attempt.isAdmitted = false;
    worker.backlog.set(attempt.attemptId, attempt);
    worker.backlogMs += finiteMs(attempt);
    if (awaitsStart(attempt)) {
      setDeadline(state, attempt, state.nowMs + state.limits.recallAfterMs);
    }
  }
  refreshWorker(state, worker);
}

/** Takes an attempt from its worker and admits those of the backlog that fit now, in their order. */
export function removeAttempt(state: SchedulerState, attempt: Attempt): void {
  const { worker } = attempt;
  if (attempt.isAdmitted) {
    worker.admitted.delete(attempt.attemptId);
    if (!attempt.isBlocked) unreserve(state.limits, worker, attempt);
    if (isShort(state.limits, attempt)) countShort(worker, attempt.shape, -1);
  } else {
    leaveBacklog(worker, attempt);
  }
  admitFromBacklog(state, worker);
  refreshWorker(state, worker);
}

/** A running attempt waits for tasks of its own: others may have its resources, and nothing queues for its sake. */
export function blockAttempt(state: SchedulerState, attempt: Attempt): void {
  if (attempt.isBlocked) return;
  const { worker } = attempt;
  if (attempt.isAdmitted) {
    expectLong(state, attempt);
    unreserve(state.limits, worker, attempt);
  } else {
    leaveBacklog(worker, attempt);
    attempt.expectedMs = Infinity;
  }
  attempt.isBlocked = true;
  attempt.wasBlocked = true;
  if (!attempt.isAdmitted) admit(state, worker, attempt);
  admitFromBacklog(state, worker);
  refreshWorker(state, worker);
}

/** It goes on at once: for a while more may be reserved than there is, and nothing new is admitted. */
export function resumeAttempt(state: SchedulerState, attempt: Attempt): void {
  if (!attempt.isBlocked) return;
  attempt.isBlocked = false;
  reserve(state.limits, attempt.worker, attempt);
  refreshWorker(state, attempt.worker);
}

/** What the worker holds under this number, or undefined. */
export function attemptOf(worker: Worker, attemptId: number): Attempt | undefined {
  return worker.admitted.get(attemptId) ?? worker.calls.get(attemptId) ??
    worker.backlog.get(attemptId);
}

/** All that the worker holds, in order of assignment; the calls of actors last. */
export function attemptsOf(worker: Worker): Attempt[] {
  return [...worker.admitted.values(), ...worker.backlog.values(), ...worker.calls.values()];
}

/** Takes all attempts that need resources from a worker, to be put back under another capacity.
 * @returns them in order of assignment */
export function clearAttempts(worker: Worker): Attempt[] {
  const attempts = [...worker.admitted.values(), ...worker.backlog.values()];
  worker.admitted.clear();
  worker.backlog.clear();
  worker.backlogMs = 0;
  worker.reserved.clear();
  worker.shortCounts.clear();
  worker.load = 0;
  return attempts;
}

/** Takes back the expectation that an admitted attempt be short: nothing more queues for its sake. */
export function expectLong(state: SchedulerState, attempt: Attempt): void {
  if (!isShort(state.limits, attempt)) return;
  countShort(attempt.worker, attempt.shape, -1);
  attempt.expectedMs = Infinity;
  refreshWorker(state, attempt.worker);
}

/** Sets when the worker is looked at for this attempt's sake. */
export function setDeadline(state: SchedulerState, attempt: Attempt, deadlineMs: number): void {
  attempt.deadlineMs = deadlineMs;
  checkWorkerBy(state, attempt.worker, deadlineMs);
}

/** How long an attempt that has its resources may take to start. */
export function startLimitMs(limits: SchedulerLimits, attempt: Attempt): number {
  return attempt.isPreparing ? limits.prepareDeadlineMs : limits.startDeadlineMs;
}

/** Has the worker looked at no later than this. One timer a worker, not one an attempt: short tasks would leave
 * millions of timers behind. */
export function checkWorkerBy(state: SchedulerState, worker: Worker, atMs: number): void {
  if (atMs >= worker.checkAtMs && worker.heapPosition >= 0) return;
  worker.checkAtMs = atMs;
  state.workerChecks.place(worker);
}

/** The first value of a map that has one. */
function firstOf<T>(map: ReadonlyMap<unknown, T>): T {
  return map.values().next().value as T;
}

function admitFromBacklog(state: SchedulerState, worker: Worker): void {
  while (worker.backlog.size > 0) {
    const next = firstOf(worker.backlog);
    if (!fits(state.limits, worker, next.shape)) return;
    leaveBacklog(worker, next);
    admit(state, worker, next);
  }
}

function leaveBacklog(worker: Worker, attempt: Attempt): void {
  worker.backlog.delete(attempt.attemptId);
  worker.backlogMs = worker.backlog.size === 0 ? 0 : worker.backlogMs - finiteMs(attempt);
}

function admit(state: SchedulerState, worker: Worker, attempt: Attempt): void {
  attempt.isAdmitted = true;
  attempt.admittedAtMs = state.nowMs;
  worker.admitted.set(attempt.attemptId, attempt);
  if (!attempt.isBlocked) reserve(state.limits, worker, attempt);
  if (isShort(state.limits, attempt)) countShort(worker, attempt.shape, 1);
  if (awaitsStart(attempt)) {
    setDeadline(state, attempt, state.nowMs + startLimitMs(state.limits, attempt));
  }
}

function awaitsStart(attempt: Attempt): boolean {
  return attempt.task !== undefined && !attempt.isStarted && !attempt.isRecalled;
}

function reserve(limits: SchedulerLimits, worker: Worker, attempt: Attempt): void {
  for (const [name, amount] of attempt.shape.amounts) {
    worker.reserved.set(name, (worker.reserved.get(name) ?? 0) + amount);
  }
  worker.load = loadOf(limits, worker);
}

function unreserve(limits: SchedulerLimits, worker: Worker, attempt: Attempt): void {
  // Cleared when nothing is left, so that rounding errors do not add up.
  if (worker.admitted.size === 0) worker.reserved.clear();
  for (const [name, amount] of attempt.shape.amounts) {
    const reserved = worker.reserved.get(name);
    if (reserved !== undefined) worker.reserved.set(name, reserved - amount);
  }
  worker.load = loadOf(limits, worker);
}

function loadOf(limits: SchedulerLimits, worker: Worker): number {
  let load = worker.admitted.size / limits.maxAttemptsPerWorker;
  for (const [name, amount] of worker.reserved) {
    const share = amount / (worker.capacity.get(name) ?? Infinity);
    if (share > load) load = share;
  }
  return Math.min(load, 1);
}

function isShort(limits: SchedulerLimits, attempt: Attempt): boolean {
  return attempt.expectedMs <= limits.prefetchTargetMs;
}

function finiteMs(attempt: Attempt): number {
  return attempt.expectedMs === Infinity ? 0 : attempt.expectedMs;
}

function countShort(worker: Worker, shape: Shape, change: number): void {
  const count = (worker.shortCounts.get(shape) ?? 0) + change;
  if (count === 0) worker.shortCounts.delete(shape);
  else worker.shortCounts.set(shape, count);
}
