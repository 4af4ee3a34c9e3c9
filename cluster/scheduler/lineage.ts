import { claimKey, ownsKey, stopKeeping } from "./idempotency.ts";
import { countInFamily } from "./families.ts";
import { fenceAttempt } from "./fencing.ts";
import {
  isNeeded,
  isResultWanted,
  refreshObject,
  refreshResult,
  resultObject,
  type StoredObject,
} from "./object_directory.ts";
import { acquireRun } from "./runs.ts";
import { acquireShape } from "./shapes.ts";
import type { SchedulerState, Task } from "./state.ts";
import { isTerminal, makeDelayed, makeReady, moveTask, reopenTask } from "./task_state.ts";
import { finishTask, linkDependencies } from "./tasks.ts";
import type { SchedulerCommand, TaskError } from "./types.ts";

/** The last copy of an object is gone: the task whose result it was runs again if somebody still wants that result; a
 * value that was put cannot be had again, so the tasks that read it fail. After a restart of the head nothing is done
 * until the workers had time to come back with what they hold. */
export function replaceLost(
  state: SchedulerState,
  object: StoredObject,
  commands: SchedulerCommand[],
): void {
  if (state.nowMs < state.directory.expectedUntilMs || object.copies.size > 0) return;
  const wanted = [...object.producers].filter((task) => isResultWanted(state, task));
  if (wanted.length > 0) recomputeAll(state, wanted, `its result was lost`, commands);
  else {
    for (const task of [...object.readers]) {
      if (!isTerminal(task.record.state)) failForObject(state, task, object, commands);
    }
  }
}

/** Looks at everything that is missing, once the workers had their time to come back. */
export function replaceAllLost(state: SchedulerState, commands: SchedulerCommand[]): void {
  for (const object of [...state.directory.objects.values()]) {
    if (object.copies.size === 0 && isNeeded(state, object)) replaceLost(state, object, commands);
  }
}

/** Runs those of some ended tasks again whose result is gone. */
export function recomputeMissing(
  state: SchedulerState,
  tasks: readonly Task[],
  commands: SchedulerCommand[],
): void {
  if (state.nowMs < state.directory.expectedUntilMs) return;
  const missing = tasks.filter((task) => isGone(state, task));
  if (missing.length > 0) {
    recomputeAll(state, missing, "its result is asked for again", commands);
  }
}

/** Why a new task can never run, when one of its arguments is an object that nobody has. */
export function missingArgument(state: SchedulerState, task: Task): TaskError | undefined {
  if (task.record.spec.objects.length === 0 || state.nowMs < state.directory.expectedUntilMs) {
    return undefined;
  }
  for (const { objectId } of task.record.spec.objects) {
    const object = state.directory.objects.get(objectId);
    if (object !== undefined && object.copies.size === 0) return objectLost(task, object);
  }
  return undefined;
}

function isGone(state: SchedulerState, task: Task): boolean {
  return resultObject(state, task)?.copies.size === 0;
}

/** Takes ended tasks back to the start, and with them those whose results they read and that are gone too. */
function recomputeAll(
  state: SchedulerState,
  roots: readonly Task[],
  cause: string,
  commands: SchedulerCommand[],
): void {
  const reopened: Task[] = [];
  const pending = [...roots];
  for (let task = pending.pop(); task !== undefined; task = pending.pop()) {
    if (task.record.state !== "succeeded") continue;
    reopen(state, task, cause, commands);
    reopened.push(task);
    for (const dependency of task.dependencies) {
      if (isGone(state, dependency)) pending.push(dependency);
    }
  }
  // The deepest first: what a task reads is ready or failed before it is looked at.
  for (const task of reopened.reverse()) resume(state, task, cause, commands);
}

function reopen(
  state: SchedulerState,
  task: Task,
  cause: string,
  commands: SchedulerCommand[],
): void {
  const { record } = task;
  const object = resultObject(state, task);
  stopKeeping(state, task);
  reopenTask(state, task, cause);
  if (object !== undefined) {
    object.producers.delete(task);
    refreshObject(state, object);
  }
  task.shape = acquireShape(state, record.spec);
  task.run = acquireRun(state, record.spec);
  countInFamily(task, 1);
  task.isRecomputed = true;
  // A call that has ended has no place among the calls of its actor any more.
  task.lane = undefined;
  // One that got its outcome by a key had not met its own.
  task.unmetCount = 0;
  record.losses++;
  record.failures = 0;
  for (const dependent of task.dependents ?? []) holdBack(state, dependent, commands);
  for (const dependency of new Set(task.dependencies)) {
    dependency.lineageCount--;
    state.directory.lineageSize--;
    (dependency.dependents ??= new Set()).add(task);
    if (dependency.record.state !== "succeeded") task.unmetCount++;
    else refreshResult(state, dependency);
  }
  commands.push({ type: "SaveTask", task: record });
}

/** A result that a task reads is computed again: unless the task has begun, and so has it, it waits. */
function holdBack(state: SchedulerState, dependent: Task, commands: SchedulerCommand[]): void {
  dependent.unmetCount++;
  const { state: name } = dependent.record;
  if (name === "waiting") return;
  for (const attempt of [dependent.copy, dependent.attempt]) {
    if (attempt?.isStarted === false) fenceAttempt(state, attempt, "stale", commands);
  }
  if (name === "running") return;
  moveTask(state, dependent, "waiting", "a result that it reads was lost");
}

function resume(
  state: SchedulerState,
  task: Task,
  cause: string,
  commands: SchedulerCommand[],
): void {
  if (isTerminal(task.record.state)) return;
  const error = cannotRecompute(state, task, cause);
  if (error !== undefined) {
    return finishTask(state, task, { type: "failed", error }, cause, commands);
  }
  // Whoever got its result by a key waits for the owner of the key again.
  const claim = ownsKey(state, task) ? undefined : claimKey(state, task);
  if (claim?.type === "ends") finishTask(state, task, claim.outcome, cause, commands);
  else if (task.record.state === "waiting" && task.unmetCount === 0) {
    makeReady(state, task, true, cause);
  }
}

function cannotRecompute(state: SchedulerState, task: Task, cause: string): TaskError | undefined {
  const { spec, losses } = task.record;
  if (spec.actor !== undefined) {
    const message = `Cannot compute the result of ${spec.name} again: it was lost with its node, ` +
      `and a call of an actor is not run twice`;
    return { kind: "lost", name: "ObjectLost", message };
  }
  if (losses > state.limits.maxLosses) {
    const message = `Cannot compute the result of ${spec.name} again: it was lost ${losses} ` +
      `times, at most ${state.limits.maxLosses} are allowed; ${cause}`;
    return { kind: "lost", name: "ObjectLost", message };
  }
  if (spec.dependencies.length > 0 && task.dependencies.length === 0) {
    const error = linkDependencies(state, task);
    if (error !== undefined) {
      const message = `Cannot compute the result of ${spec.name} again: ${error.message}`;
      return { kind: "lost", name: "ObjectLost", message };
    }
  }
  return missingArgument(state, task);
}

function failForObject(
  state: SchedulerState,
  task: Task,
  object: StoredObject,
  commands: SchedulerCommand[],
): void {
  const error = objectLost(task, object);
  finishTask(state, task, { type: "failed", error }, "an argument of it was lost", commands);
}

function objectLost(task: Task, { objectId, lostFrom }: StoredObject): TaskError {
  const why = lostFrom === undefined
    ? "no node has it: it was never put, or was released and deleted"
    : `its last copy was lost with ${lostFrom}, and what was put cannot be computed again`;
  return {
    kind: "lost",
    name: "ObjectLost",
    message: `Cannot run ${task.record.spec.name}: it reads object ${objectId}; ${why}`,
  };
}

/** An attempt could not have what it reads. By the time that its task is tried again the copies that proved missing are
 * known to be so, and what was lost is being computed again. */
export function delayStarvedTask(
  state: SchedulerState,
  task: Task,
  message: string,
  commands: SchedulerCommand[],
): void {
  const { record } = task;
  record.losses++;
  if (record.losses <= state.limits.maxLosses) {
    const dueAtMs = state.nowMs + record.losses * state.limits.starvedDelayMs;
    return makeDelayed(state, task, dueAtMs, "what it reads could not be had");
  }
  const text = `Cannot finish ${record.spec.name}: what it reads could not be had: ${message}`;
  const error: TaskError = { kind: "lost", name: "ObjectLost", message: text };
  finishTask(state, task, { type: "failed", error }, "it starved", commands);
}
