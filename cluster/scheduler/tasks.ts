import { endActor } from "./actors.ts";
import { abandonChildren } from "./children.ts";
import { durationsOf } from "./duration_statistics.ts";
import { endFlow } from "./item_flows.ts";
import { countInFamily } from "./families.ts";
import { fenceAttempts } from "./fencing.ts";
import { freeKey, keepForKey, oldestTooMany, ownsKey, settleKey } from "./idempotency.ts";
import { releaseLane } from "./lanes.ts";
import {
  holdArguments,
  letGoArguments,
  objectOf,
  refreshObject,
  refreshResult,
} from "./object_directory.ts";
import { acquireRun, releaseRun } from "./runs.ts";
import { acquireShape, releaseShape } from "./shapes.ts";
import type { SchedulerState, Task } from "./state.ts";
import { isTerminal, makeReady, moveTask } from "./task_state.ts";
import { clearTimer } from "./timers.ts";
import type { SchedulerCommand, TaskError, TaskOutcome, TaskRecord } from "./types.ts";

const NO_TASKS: readonly Task[] = [];

/** Takes a task in as waiting for `dependencies`, without saying so to anybody. */
export function registerTask(state: SchedulerState, record: TaskRecord): Task {
  const { spec } = record;
  const task: Task = {
    record,
    shape: acquireShape(state, spec),
    run: acquireRun(state, spec),
    durations: durationsOf(state.durations, spec.name, state.limits.maxDurationNames),
    dependencies: NO_TASKS,
    dependents: undefined,
    lineageCount: 0,
    isRecomputed: false,
    unmetCount: 0,
    attempt: undefined,
    copy: undefined,
    readySequence: 0,
    parent: undefined,
    children: undefined,
    depth: 0,
    family: undefined,
    readyAfterMs: 0,
    isReleased: false,
    isAdoptable: false,
    actor: undefined,
    lane: undefined,
    heapPosition: -1,
    unpreparedCount: 0,
    timer: undefined,
    list: undefined,
    previous: undefined,
    next: undefined,
    story: undefined,
  };
  state.tasks.set(spec.taskId, task);
  state.counts[record.state]++;
  if (isTerminal(record.state)) {
    releasePlace(state, task);
    noteResult(state, task);
  } else holdArguments(state, task);
  return task;
}

/** Ties a waiting task to its dependencies.
 * @returns why it can never run, or undefined; then the caller fails it */
export function linkDependencies(state: SchedulerState, task: Task): TaskError | undefined {
  const { spec } = task.record;
  if (spec.dependencies.length === 0) return undefined;
  const dependencies: Task[] = [];
  for (const id of spec.dependencies) {
    const dependency = state.tasks.get(id);
    if (dependency === undefined) return unknownDependency(task, id);
    if (dependency.record.outcome !== undefined && dependency.record.state !== "succeeded") {
      return dependencyError(dependency);
    }
    dependencies.push(dependency);
  }
  task.dependencies = dependencies;
  for (const dependency of new Set(dependencies)) {
    (dependency.dependents ??= new Set()).add(task);
    if (dependency.record.state !== "succeeded") task.unmetCount++;
    else refreshResult(state, dependency);
  }
  return undefined;
}

/** Keeps what an ended task read, when its result is an object that may be lost: then both can be computed again.
 * Dependencies that are not all known any more are not kept. */
export function linkLineage(state: SchedulerState, task: Task): void {
  const { directory, limits, tasks } = state;
  const ids = new Set(task.record.spec.dependencies);
  if (storedResult(task) === undefined || directory.lineageSize + ids.size > limits.maxLineage) {
    return;
  }
  const known: Task[] = [];
  for (const id of ids) {
    const dependency = tasks.get(id);
    if (dependency === undefined) return;
    known.push(dependency);
  }
  for (const dependency of known) dependency.lineageCount++;
  directory.lineageSize += known.length;
  task.dependencies = task.record.spec.dependencies.map((id) => tasks.get(id) as Task);
}

/** Ends a task: stores it, tells its client, and lets its dependents go on, or fail with it. A loop, as chains of
 * dependents may be longer than the stack. */
export function finishTask(
  state: SchedulerState,
  root: Task,
  outcome: TaskOutcome,
  cause: string,
  commands: SchedulerCommand[],
): void {
  const ends: TaskEnd[] = [{ task: root, outcome, cause }];
  for (let end = ends.pop(); end !== undefined; end = ends.pop()) {
    if (isTerminal(end.task.record.state)) continue;
    settleTask(state, end, commands);
    passOn(state, end.task, ends);
    forgetIfDone(state, end.task, commands);
  }
}

/** A task that ends, and why. */
export interface TaskEnd {
  readonly task: Task;
  readonly outcome: TaskOutcome;
  readonly cause: string;
}

/** What a task's end means for others: those that can go on do, those that end with it are added to `ends`. */
function passOn(state: SchedulerState, task: Task, ends: TaskEnd[]): void {
  const { outcome } = task.record;
  if (outcome === undefined) return;
  for (const dependent of task.dependents ?? NO_TASKS) {
    if (outcome.type !== "succeeded") {
      const failed: TaskOutcome = { type: "failed", error: dependencyError(task) };
      ends.push({ task: dependent, outcome: failed, cause: "a dependency did not succeed" });
    } else if (--dependent.unmetCount === 0 && dependent.record.state === "waiting") {
      makeReady(state, dependent, false, "its dependencies succeeded");
    }
  }
  if (task.actor !== undefined) ends.push(...endActor(state, task.actor, outcome));
  for (const follower of settleKey(state, task)) {
    ends.push({ task: follower, outcome, cause: "the owner of its key ended" });
  }
}

/** Cancels a task that has not ended; what depends on it fails. */
export function cancelTask(state: SchedulerState, task: Task, commands: SchedulerCommand[]): void {
  finishTask(state, task, { type: "cancelled" }, "its cancellation was requested", commands);
}

/** Nobody asks for this task again: it is forgotten once it ended and nothing reads its result any more. */
export function releaseTask(state: SchedulerState, task: Task, commands: SchedulerCommand[]): void {
  task.isReleased = true;
  forgetIfDone(state, task, commands);
}

/** The key of a task leads to it no longer: it is forgotten if that was all that kept it. */
export function expireKey(state: SchedulerState, task: Task, commands: SchedulerCommand[]): void {
  freeKey(state, task);
  forgetIfDone(state, task, commands);
}

/** Cancels what a client left unfinished, but for detached actors, and forgets all of its tasks. Looks at every task:
 * clients leave seldom, and an index by client would cost memory for each task. */
export function leaveClient(
  state: SchedulerState,
  clientId: string,
  commands: SchedulerCommand[],
): void {
  const tasks = [...state.tasks.values()].filter((task) => task.record.spec.clientId === clientId);
  for (const task of tasks) task.isReleased = true;
  // The last ones first: dependents are cancelled themselves before they could fail with their dependencies.
  for (let i = tasks.length - 1; i >= 0; i--) {
    if (isTerminal(tasks[i].record.state)) forgetIfDone(state, tasks[i], commands);
    else if (!isDetached(tasks[i])) cancelTask(state, tasks[i], commands);
  }
}

function isDetached(task: Task): boolean {
  const role = task.record.spec.actor;
  return role?.type === "creation" && role.isDetached;
}

function settleTask(
  state: SchedulerState,
  { task, outcome, cause }: TaskEnd,
  commands: SchedulerCommand[],
): void {
  const { record } = task;
  moveTask(state, task, outcome.type, cause);
  clearTimer(state, task);
  fenceAttempts(state, task, "cancelled", commands);
  // Also those that waited for an attempt to be claimed after a restart of the head.
  abandonChildren(state, task);
  record.outcome = outcome;
  record.finishedAtMs = state.wallMs;
  commands.push({ type: "SaveEnd", task: record });
  if (!task.isReleased) {
    const { clientId, taskId } = record.spec;
    commands.push({ type: "TellClient", clientId, taskId, outcome });
  }
  releasePlace(state, task);
  countInFamily(task, -1);
  if (task.lane !== undefined) releaseLane(task.lane);
  task.isRecomputed = false;
  noteResult(state, task);
  const { dependencies } = task;
  if (dependencies.length > 0) {
    task.dependencies = NO_TASKS;
    linkLineage(state, task);
    for (const dependency of dependencies) {
      dependency.dependents?.delete(task);
      forgetIfDone(state, dependency, commands);
    }
  }
}

function releasePlace(state: SchedulerState, task: Task): void {
  releaseShape(state, task.shape);
  releaseRun(state, task.run);
}

/** A task ended: its result, if stored, is kept with its arguments, from which it could be computed again. */
function noteResult(state: SchedulerState, task: Task): void {
  const result = storedResult(task);
  if (result !== undefined) {
    const object = objectOf(state, result);
    object.producers.add(task);
    refreshObject(state, object);
    holdArguments(state, task);
  } else letGoArguments(state, task);
}

/** The object that a task's result is, if it has ended with one. */
function storedResult({ record: { outcome } }: Task) {
  if (outcome?.type !== "succeeded" || outcome.result.type !== "stored") return undefined;
  return outcome.result;
}

function forgetIfDone(state: SchedulerState, task: Task, commands: SchedulerCommand[]): void {
  const { record } = task;
  if (!task.isReleased) return;
  if (task.dependents !== undefined && task.dependents.size > 0) return;
  if (!isTerminal(record.state)) {
    // It runs for the second time, and what wanted its result is gone.
    if (task.isRecomputed && !ownsKey(state, task)) cancelTask(state, task, commands);
    return;
  }
  if (ownsKey(state, task)) {
    keepWithinLimits(state, task, commands);
    return refreshResult(state, task);
  }
  if (task.lineageCount > 0) return refreshResult(state, task);
  if (!state.tasks.delete(record.spec.taskId)) return;
  state.counts[record.state]--;
  task.parent?.children?.delete(task);
  endFlow(state, task);
  commands.push({ type: "ForgetTask", taskId: record.spec.taskId });
  if (storedResult(task) !== undefined) forgetStored(state, task, commands);
}

/** Lets go of the objects and tasks that an ended task had kept. */
function forgetStored(state: SchedulerState, task: Task, commands: SchedulerCommand[]): void {
  const result = storedResult(task);
  if (result !== undefined) {
    const object = objectOf(state, result);
    object.producers.delete(task);
    refreshObject(state, object);
  }
  letGoArguments(state, task);
  const { dependencies } = task;
  task.dependencies = NO_TASKS;
  for (const dependency of new Set(dependencies)) {
    dependency.lineageCount--;
    state.directory.lineageSize--;
    forgetIfDone(state, dependency, commands);
  }
}

function keepWithinLimits(state: SchedulerState, task: Task, commands: SchedulerCommand[]): void {
  keepForKey(state, task);
  for (let old = oldestTooMany(state); old !== undefined; old = oldestTooMany(state)) {
    expireKey(state, old, commands);
  }
}

function dependencyError(root: Task): TaskError {
  const { spec, outcome } = root.record;
  if (outcome?.type !== "failed") {
    return {
      kind: "dependency",
      name: "DependencyCancelled",
      message: `Cannot run: the dependency ${spec.name} (${spec.taskId}) was cancelled`,
    };
  }
  // A dependent's error names the task that failed first: it is passed on as it is.
  if (outcome.error.kind === "dependency") return outcome.error;
  const { name, message } = outcome.error;
  return {
    kind: "dependency",
    name: "DependencyFailed",
    message: `Cannot run: the dependency ${spec.name} (${spec.taskId}) failed: ${name}: ${message}`,
  };
}

function unknownDependency(task: Task, dependencyId: string): TaskError {
  return {
    kind: "dependency",
    name: "UnknownDependency",
    message: `Cannot run ${task.record.spec.name}: its dependency ${dependencyId} is not known; ` +
      `it was never submitted, came later, or was released and forgotten`,
  };
}
