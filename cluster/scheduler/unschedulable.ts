import type { SchedulerState, Shape } from "./state.ts";
import { finishTask } from "./tasks.ts";
import type { Resources, SchedulerCommand, TaskError } from "./types.ts";

/** Ready tasks that no known worker could ever hold, as an autoscaler or a user wants to see them. */
export interface UnschedulableTasks {
  /** What each of them needs. */
  readonly resources: Resources;
  /** How many they are. */
  readonly taskCount: number;
  /** One of them, for people. */
  readonly exampleTaskId: string;
  /** Since when no known worker could hold them. */
  readonly sinceMs: number;
}

/** Lists the ready tasks that no known worker could ever hold, one entry a shape. */
export function unschedulable(state: SchedulerState): UnschedulableTasks[] {
  const found: UnschedulableTasks[] = [];
  for (const shape of state.queuedShapes) {
    const task = shape.queue.peek();
    if (shape.unholdableSinceMs === undefined || task === undefined) continue;
    found.push({
      resources: Object.fromEntries(shape.amounts),
      taskCount: shape.queue.size,
      exampleTaskId: task.record.spec.taskId,
      sinceMs: shape.unholdableSinceMs,
    });
  }
  return found;
}

/** Fails ready tasks that no known worker could hold for too long, if so configured and there are workers at all. */
export function failUnholdable(state: SchedulerState, commands: SchedulerCommand[]): void {
  if (!state.limits.failUnschedulable || state.workers.size === 0) return;
  for (const shape of [...state.queuedShapes]) {
    if (unholdableDeadlineMs(state, shape) > state.nowMs) continue;
    for (let task = shape.queue.peek(); task !== undefined; task = shape.queue.peek()) {
      const message =
        `Cannot run ${task.record.spec.name}: none of ${state.workers.size} workers ` +
        `could ever hold ${JSON.stringify(Object.fromEntries(shape.amounts))}`;
      const error: TaskError = { kind: "unschedulable", name: "Unschedulable", message };
      finishTask(state, task, { type: "failed", error }, "no worker could ever hold it", commands);
    }
  }
}

/** When time alone changes something about ready tasks; Infinity if never. */
export function nextShapeDeadlineMs(state: SchedulerState): number {
  if (state.queuedShapes.size === 0) return Infinity;
  let atMs = state.assignFromMs > state.nowMs ? state.assignFromMs : Infinity;
  for (const shape of state.queuedShapes) {
    if (shape.passedOverSinceMs !== undefined && shape.reservedWorker === undefined) {
      atMs = Math.min(atMs, shape.passedOverSinceMs + state.limits.reserveAfterMs);
    }
    if (state.limits.failUnschedulable && state.workers.size > 0) {
      atMs = Math.min(atMs, unholdableDeadlineMs(state, shape));
    }
  }
  return atMs;
}

function unholdableDeadlineMs(state: SchedulerState, shape: Shape): number {
  return (shape.unholdableSinceMs ?? Infinity) + state.limits.unschedulableAfterMs;
}
