import { abandon, isAbandoned } from "./children.ts";
import { endOrphans } from "./orphans.ts";
import { startAttempt, startCopy } from "./attempts.ts";
import { preferLocal } from "./object_fetch.ts";
import { dropReservation, reserveWorker } from "./shapes.ts";
import { armCopyTimer, isStraggling } from "./speculation.ts";
import type { Candidate, SchedulerState, Shape, Task, Worker } from "./state.ts";
import type { SchedulerCommand } from "./types.ts";
import { BACKLOG_LOAD, fits, isOpen } from "./workers.ts";

/** Gives ready tasks to workers until no more fits: the highest ranked task that fits anywhere first, to the worker
 * with the smallest load. A decision costs O(shapes that have ready tasks), whatever the number of tasks and of workers. */
export function assignReadyTasks(state: SchedulerState, commands: SchedulerCommand[]): void {
  if (state.queuedShapes.size === 0 || state.nowMs < state.assignFromMs) return;
  for (let shape = nextShape(state); shape !== undefined; shape = nextShape(state)) {
    const task = shape.queue.peek();
    const candidate = shape.candidates.peek();
    if (task === undefined || candidate === undefined) return;
    if (isAbandoned(task)) {
      abandon(state, task);
      endOrphans(state, commands);
      continue;
    }
    if (state.queuedShapes.size > 1) markPassedOver(state, task, shape, candidate.worker);
    shape.passedOverSinceMs = undefined;
    dropReservation(state, shape);
    startAttempt(state, task, preferLocal(state, task, candidate.worker), commands);
  }
}

/** Makes second attempts of running tasks that take unusually long, on other workers that would idle: all ready tasks
 * that fit there were assigned before. Those for which there is none are looked at again. */
export function copyStragglers(
  state: SchedulerState,
  tasks: readonly Task[],
  commands: SchedulerCommand[],
): void {
  for (const task of tasks) {
    const { attempt } = task;
    if (attempt === undefined || !attempt.isStarted || task.copy !== undefined) continue;
    const mayStart = isStraggling(state, task) && state.nowMs >= state.assignFromMs &&
      task.unmetCount === 0;
    const worker = mayStart ? idleWorkerBeside(task.shape, attempt.worker) : undefined;
    if (worker === undefined) armCopyTimer(state, task);
    else startCopy(state, task, worker, commands);
  }
}

/** Holds workers free for shapes that were overtaken too long, at most one each, and at most half of the workers: so a
 * task that needs a whole worker is not starved by a stream of small ones, and does not block them before. */
export function reserveForPassedOver(state: SchedulerState): void {
  for (const shape of state.queuedShapes) {
    if (shape.reservedWorker !== undefined || shape.passedOverSinceMs === undefined) continue;
    if (state.nowMs < shape.passedOverSinceMs + state.limits.reserveAfterMs) continue;
    const worker = state.reservationCount < Math.max(1, state.workers.size >> 1)
      ? leastLoadedHolder(shape)
      : undefined;
    if (worker !== undefined) reserveWorker(state, shape, worker);
    else shape.passedOverSinceMs = state.nowMs; // Looked at again after as much time.
  }
}

/** Whether `a` goes before `b` when both fit: by priority, then by the share of their runs, then by the time at which
 * they became ready first. */
function ranksBefore(a: Task, b: Task): boolean {
  const difference = a.record.spec.priority - b.record.spec.priority;
  if (difference !== 0) return difference > 0;
  if (a.run.share !== b.run.share) return a.run.share < b.run.share;
  return a.readySequence < b.readySequence;
}

function nextShape(state: SchedulerState): Shape | undefined {
  let best: Shape | undefined;
  let bestTask: Task | undefined;
  for (const shape of state.queuedShapes) {
    const candidate = shape.candidates.peek();
    if (candidate === undefined) continue;
    const task = shape.queue.peek() as Task;
    if (bestTask !== undefined && ranksBefore(bestTask, task)) continue;
    if (candidate.load >= BACKLOG_LOAD && !mayQueue(state, task, candidate.worker)) continue;
    best = shape;
    bestTask = task;
  }
  return best;
}

/** Whether a task may queue at a worker that has no room for it now: it must be short itself, be expected to start
 * within the target, and must not get in the way of another shape that would fit there if the backlog ran dry. */
function mayQueue(state: SchedulerState, task: Task, worker: Worker): boolean {
  const { limits } = state;
  const shortCount = worker.shortCounts.get(task.shape) ?? 0;
  if (worker.backlogMs + task.durations.meanMs > shortCount * limits.prefetchTargetMs) return false;
  if (task.durations.meanMs > limits.prefetchTargetMs) return false;
  if (state.queuedShapes.size === 1) return true;
  for (const other of state.queuedShapes) {
    if (other === task.shape || other.candidateBySlot[worker.slot] === undefined) continue;
    if (fits(limits, worker, other)) return false;
  }
  return true;
}

function markPassedOver(state: SchedulerState, task: Task, shape: Shape, worker: Worker): void {
  for (const other of state.queuedShapes) {
    if (other === shape || other.passedOverSinceMs !== undefined) continue;
    if (other.candidateBySlot[worker.slot] === undefined) continue;
    if (ranksBefore(other.queue.peek() as Task, task)) other.passedOverSinceMs = state.nowMs;
  }
}

/** The least loaded worker but one that has room at once. Looks at all of them only when the one is the least loaded. */
function idleWorkerBeside(shape: Shape, taken: Worker): Worker | undefined {
  const first = shape.candidates.peek();
  if (first === undefined || first.load >= BACKLOG_LOAD) return undefined;
  if (first.worker !== taken) return first.worker;
  let best: Candidate | undefined;
  for (const candidate of shape.candidates.values()) {
    if (candidate === first || candidate.load >= BACKLOG_LOAD) continue;
    if (best === undefined || candidate.load < best.load) best = candidate;
  }
  return best?.worker;
}

function leastLoadedHolder(shape: Shape): Worker | undefined {
  let best: Worker | undefined;
  for (const candidate of shape.candidateBySlot) {
    const worker = candidate?.worker;
    if (worker === undefined || worker.reservedFor !== undefined) continue;
    if (!isOpen(worker)) continue;
    if (best === undefined || worker.load < best.load) best = worker;
  }
  return best;
}
