import type { SchedulerState } from "./state.ts";
import { taskStory as storyOf } from "./task_state.ts";
import type { AttemptId, Resources, TaskState } from "./types.ts";

/** A worker as the scheduler sees it. */
export interface WorkerView {
  /** Its name. */
  readonly workerId: string;
  /** Whether it is reached, and whether it gets new tasks. */
  readonly state: "connected" | "suspected" | "draining";
  /** What it has in all. */
  readonly capacity: Resources;
  /** Attempts that have their resources: running, or about to start. */
  readonly admittedCount: number;
  /** Attempts that queue at the worker. */
  readonly backlogCount: number;
}

/** How many tasks are in each state; kept as tasks move, so that asking costs nothing. */
export function countsByState(state: SchedulerState): Readonly<Record<TaskState, number>> {
  return { ...state.counts };
}

/** How many tasks have not ended. */
export function unfinishedCount({ counts }: SchedulerState): number {
  return counts.waiting + counts.ready + counts.delayed + counts.assigned + counts.running;
}

/** The known workers, in the order in which they joined. */
export function workerViews(state: SchedulerState): WorkerView[] {
  return [...state.workers.values()].map((worker) => ({
    workerId: worker.workerId,
    state: worker.connection === "suspected"
      ? "suspected"
      : worker.isDraining
      ? "draining"
      : "connected",
    capacity: Object.fromEntries(worker.capacity),
    admittedCount: worker.admitted.size,
    backlogCount: worker.backlog.size,
  }));
}

/** What happened to a task, a line each, as far as it is remembered (`storyLength`); undefined when it is not known. */
export function taskStory(state: SchedulerState, taskId: string): string | undefined {
  const task = state.tasks.get(taskId);
  return task && storyOf(state, task);
}

/** Who is told of a task's live attempt, and which attempt that is; undefined while none is live. */
export function liveAttempt(
  state: SchedulerState,
  taskId: string,
): { readonly clientId: string; readonly attemptId: AttemptId } | undefined {
  const task = state.tasks.get(taskId);
  if (task?.attempt === undefined) return undefined;
  return { clientId: task.record.spec.clientId, attemptId: task.attempt.attemptId };
}
