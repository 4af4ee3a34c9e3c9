import type { SchedulerState, Task, Transition } from "./state.ts";
import type { TaskError, TaskState } from "./types.ts";

/** What the scheduler knows of one task, for people. Times are milliseconds since the Unix epoch. */
export interface TaskView {
  readonly taskId: string;
  readonly name: string;
  readonly clientId: string;
  readonly runId: string;
  readonly state: TaskState;
  readonly priority: number;
  readonly resources: Readonly<Record<string, number>>;
  readonly submittedAtMs: number;
  /** When it became ready last; undefined while it waits for dependencies. */
  readonly readyAtMs: number | undefined;
  readonly finishedAtMs: number | undefined;
  readonly failures: number;
  readonly losses: number;
  /** Why it failed, once it has. */
  readonly error: TaskError | undefined;
  /** Where it is, while it is assigned or running. */
  readonly attempts: readonly {
    readonly attemptId: number;
    readonly workerId: string;
    readonly isStarted: boolean;
  }[];
  /** Dependencies that have not succeeded, the first 20 of them. */
  readonly blockers: readonly { readonly taskId: string; readonly state: TaskState }[];
  /** Its newest transitions after it became ready first. */
  readonly story: readonly Transition[];
}

const MAX_BLOCKERS = 20;

/** A task, or undefined when it is not known: never submitted, or released and forgotten. */
export function taskView(state: SchedulerState, taskId: string): TaskView | undefined {
  const task = state.tasks.get(taskId);
  return task && viewOf(task);
}

function viewOf(task: Task): TaskView {
  const { spec, state, submittedAtMs, finishedAtMs, failures, losses, outcome } = task.record;
  const attempts = [task.attempt, task.copy].filter((attempt) => attempt !== undefined);
  const blockers = task.dependencies.filter(({ record }) => record.state !== "succeeded");
  return {
    taskId: spec.taskId,
    name: spec.name,
    clientId: spec.clientId,
    runId: task.run.runId,
    state,
    priority: spec.priority,
    resources: spec.resources,
    submittedAtMs,
    readyAtMs: task.readySequence === 0 ? undefined : submittedAtMs + task.readyAfterMs,
    finishedAtMs,
    failures,
    losses,
    error: outcome?.type === "failed" ? outcome.error : undefined,
    attempts: attempts.map(({ attemptId, worker: { workerId }, isStarted }) => ({
      attemptId,
      workerId,
      isStarted,
    })),
    blockers: blockers.slice(0, MAX_BLOCKERS).map(({ record }) => ({
      taskId: record.spec.taskId,
      state: record.state,
    })),
    story: task.story ?? [],
  };
}
