import type { Attempt, SchedulerState, Task } from "./state.ts";
import { joinFamily } from "./families.ts";
import { letGoOfAll } from "./object_directory.ts";
import { isTerminal } from "./task_state.ts";
import type { AttemptId, TaskSpec } from "./types.ts";

/** The task whose live attempt submitted a task; undefined when the task has no parent, or that attempt is not live. */
export function parentOf(state: SchedulerState, spec: TaskSpec): Task | undefined {
  if (spec.parent === undefined) return undefined;
  const parent = state.tasks.get(spec.parent.taskId);
  return parent && isLive(parent, spec.parent.attemptId) ? parent : undefined;
}

/** The id of the client inside an attempt. Not what it calls itself: it could take the name, and the outcomes, of
 * another. */
export function attemptClientId(attemptId: AttemptId): string {
  return `attempt-${attemptId}`;
}

/** The code of an attempt refers to objects.
 * @returns whether that counts: the attempt is live */
export function markHolding(
  state: SchedulerState,
  { taskId, attemptId }: { readonly taskId: string; readonly attemptId: AttemptId },
): boolean {
  const task = state.tasks.get(taskId);
  for (const attempt of [task?.attempt, task?.copy]) {
    if (attempt?.attemptId !== attemptId) continue;
    attempt.holdsObjects = true;
    return true;
  }
  return false;
}

/** What the code of an attempt put goes with it. */
export function letGoOfAttempt(state: SchedulerState, attempt: Attempt): void {
  if (attempt.holdsObjects) letGoOfAll(state, attemptClientId(attempt.attemptId));
}

/** Whether an attempt of a task is live. */
export function isLive(task: Task, attemptId: AttemptId): boolean {
  return task.attempt?.attemptId === attemptId || task.copy?.attemptId === attemptId;
}

function isLiveIn(parent: Task, child: Task): boolean {
  const attemptId = child.record.spec.parent?.attemptId;
  return attemptId !== undefined && isLive(parent, attemptId);
}

/** The task as a part of its parent's run, unless it names another. */
export function inheritRun(spec: TaskSpec, { run: { runId, weight } }: Task): TaskSpec {
  if (spec.rules?.run !== undefined) return spec;
  return { ...spec, rules: { ...spec.rules, run: { runId, weight } } };
}

/** Makes a task the child of the one that submitted it. */
export function addChild(parent: Task, child: Task): void {
  child.parent = parent;
  child.depth = parent.depth + 1;
  (parent.children ??= new Set()).add(child);
  joinFamily(parent, child, !isTerminal(child.record.state));
}

/** Gives up the children of attempts that are not live any more: they are ended at the end of the step. */
export function abandonChildren(state: SchedulerState, parent: Task): void {
  for (const child of parent.children ?? []) if (!isLiveIn(parent, child)) abandon(state, child);
}

/** Whether a task has no use, as its parent has no live attempt: after a restart of the head it may still be claimed.
 * Should it be, its worker joins for that, and its client submits the task again. Of tasks further above that says
 * nothing: when one of them is claimed, the clients below it do not submit again. */
export function isAbandoned(task: Task): boolean {
  return task.parent !== undefined && !isLiveIn(task.parent, task);
}

/** Takes a task from its parent. */
export function abandon(state: SchedulerState, child: Task): void {
  child.parent?.children?.delete(child);
  child.parent = undefined;
  state.orphans.push(child);
}
