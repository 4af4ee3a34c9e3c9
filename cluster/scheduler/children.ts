import type { SchedulerState, Task } from "./state.ts";
import type { AttemptId, TaskError, TaskSpec } from "./types.ts";

/** Tasks within tasks within tasks, at most: each level that waits keeps a process. */
const MAX_DEPTH = 64;

/** The task whose live attempt submitted a task; undefined when the task has no parent, or that attempt is not live. */
export function parentOf(state: SchedulerState, spec: TaskSpec): Task | undefined {
  if (spec.parent === undefined) return undefined;
  const parent = state.tasks.get(spec.parent.taskId);
  return parent && isLive(parent, spec.parent.attemptId) ? parent : undefined;
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

/** Makes a task the child of the one that submitted it.
 * @returns why it may not be, or undefined */
export function addChild(parent: Task, child: Task): TaskError | undefined {
  child.parent = parent;
  child.depth = parent.depth + 1;
  (parent.children ??= new Set()).add(child);
  if (child.depth <= MAX_DEPTH) return undefined;
  const message = `Cannot run ${child.record.spec.name}: it is ${child.depth} tasks deep, ` +
    `a task within a task and so on, at most ${MAX_DEPTH} may be`;
  return { kind: "unschedulable", name: "TooDeep", message };
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
