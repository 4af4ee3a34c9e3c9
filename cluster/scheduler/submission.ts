import { bindToActor } from "./actors.ts";
import { addChild, inheritRun, parentOf } from "./children.ts";
import { crowdedFamily } from "./families.ts";
import { claimKey, stopKeeping } from "./idempotency.ts";
import { missingArgument, recomputeMissing } from "./lineage.ts";
import { refreshResult } from "./object_directory.ts";
import type { SchedulerState, Task } from "./state.ts";
import { isTerminal, makeReady } from "./task_state.ts";
import { finishTask, linkDependencies, registerTask } from "./tasks.ts";
import type { SchedulerCommand, TaskError, TaskRules, TaskSpec } from "./types.ts";
import { failFast } from "./unschedulable.ts";
import { limitWaitingTime } from "./waiting_time.ts";

const NO_RULES: TaskRules = {};

/** Takes tasks in, in their order: a task may depend on those before it, so there are no cycles. */
export function submitTasks(
  state: SchedulerState,
  specs: readonly TaskSpec[],
  commands: SchedulerCommand[],
): void {
  for (const spec of specs) {
    const known = state.tasks.get(spec.taskId);
    if (spec.parent !== undefined && parentOf(state, spec) === undefined) {
      // Who submitted it is gone: nobody waits for it.
      continue;
    }
    if (known === undefined) submitTask(state, spec, commands);
    else resubmitTask(state, known, spec, commands);
  }
}

function submitTask(
  state: SchedulerState,
  submitted: TaskSpec,
  commands: SchedulerCommand[],
): void {
  const parent = parentOf(state, submitted);
  const spec = parent === undefined ? submitted : inheritRun(submitted, parent);
  const unusable = unusableSpec(spec);
  const task = registerTask(state, {
    // What cannot be used must not reach the arithmetic of resources and queues.
    spec: unusable === undefined ? spec : { ...spec, resources: {}, priority: 0, rules: {} },
    state: "waiting",
    failures: 0,
    losses: 0,
    outcome: undefined,
    submittedAtMs: state.wallMs,
    finishedAtMs: undefined,
    life: undefined,
  });
  commands.push({ type: "SaveTask", task: task.record });
  if (parent !== undefined) addChild(parent, task);
  const error = unusable ?? crowdedFamily(state, task);
  if (error === undefined) beginTask(state, task, "it was submitted", commands);
  else fail(state, task, error, commands);
}

/** Lets an unfinished task wait for its dependencies, or for a worker. One whose idempotency key is known gets the
 * outcome of its owner, at once or in time. */
export function beginTask(
  state: SchedulerState,
  task: Task,
  cause: string,
  commands: SchedulerCommand[],
): void {
  const claim = claimKey(state, task);
  if (claim.type === "ends") {
    return finishTask(state, task, claim.outcome, "its key is known", commands);
  }
  const error = bindToActor(state, task) ?? missingArgument(state, task) ??
    linkDependencies(state, task);
  if (error !== undefined) return fail(state, task, error, commands);
  if (task.dependencies.length > 0) recomputeMissing(state, task.dependencies, commands);
  if (isTerminal(task.record.state)) return;
  if (claim.type === "owns") {
    if (failFast(state, task, commands)) return;
    limitWaitingTime(state, task);
  }
  if (task.unmetCount === 0) makeReady(state, task, false, cause);
}

function fail(
  state: SchedulerState,
  task: Task,
  error: TaskError,
  commands: SchedulerCommand[],
): void {
  finishTask(state, task, { type: "failed", error }, "it can never run", commands);
}

/** The client sends again what may have been lost on the way: it is told what it may have missed. */
function resubmitTask(
  state: SchedulerState,
  known: Task,
  spec: TaskSpec,
  commands: SchedulerCommand[],
): void {
  const { clientId, taskId } = spec;
  if (!isSameTask(known.record.spec, spec)) {
    const message = `Cannot submit ${spec.name}: the id ${taskId} is taken by another task, ` +
      `${known.record.spec.name}`;
    const error: TaskError = { kind: "unschedulable", name: "DuplicateTaskId", message };
    commands.push({ type: "TellClient", clientId, taskId, outcome: { type: "failed", error } });
    return;
  }
  known.isReleased = false;
  stopKeeping(state, known);
  refreshResult(state, known);
  recomputeMissing(state, [known], commands);
  const { outcome } = known.record;
  if (outcome !== undefined) commands.push({ type: "TellClient", clientId, taskId, outcome });
}

function isSameTask(a: TaskSpec, b: TaskSpec): boolean {
  return a.clientId === b.clientId && a.name === b.name && a.actor?.type === b.actor?.type &&
    a.payload.length === b.payload.length && a.payload.every((byte, i) => byte === b.payload[i]) &&
    a.dependencies.length === b.dependencies.length &&
    a.dependencies.every((id, i) => id === b.dependencies[i]) &&
    a.objects.length === b.objects.length &&
    a.objects.every(({ objectId }, i) => objectId === b.objects[i].objectId);
}

function unusableSpec(spec: TaskSpec): TaskError | undefined {
  const refuse = (what: string, rule: string, value: unknown): TaskError => ({
    kind: "unschedulable",
    name: "UnusableTask",
    message: `Cannot run ${spec.name}: ${what} must be ${rule}, it is ${value}`,
  });
  for (const name in spec.resources) {
    const amount = spec.resources[name];
    if (!(amount >= 0 && amount < Infinity)) {
      return refuse(`the amount of ${name}`, "a number ≥ 0", amount);
    }
  }
  const { maxAttempts, baseDelayMs, maxDelayMs } = spec.retry;
  if (!Number.isFinite(spec.priority)) return refuse("priority", "a number", spec.priority);
  if (!(maxAttempts >= 1)) return refuse("retry.maxAttempts", "at least 1", maxAttempts);
  if (!(baseDelayMs >= 0)) return refuse("retry.baseDelayMs", "a number ≥ 0", baseDelayMs);
  if (!(maxDelayMs >= 0)) return refuse("retry.maxDelayMs", "a number ≥ 0", maxDelayMs);
  if (!(spec.runTimeoutMs > 0)) return refuse("runTimeoutMs", "above 0", spec.runTimeoutMs);
  const { queueTimeoutMs = Infinity, run, speculate, idempotency } = spec.rules ?? NO_RULES;
  if (spec.actor !== undefined && (speculate || idempotency !== undefined)) {
    return refuse("speculate and an idempotency key", "left out for an actor", "given");
  }
  if (!(queueTimeoutMs > 0)) return refuse("queueTimeoutMs", "above 0", queueTimeoutMs);
  if (run !== undefined && !(run.weight > 0 && run.weight < Infinity)) {
    return refuse("the weight of its run", "a number above 0", run.weight);
  }
  return undefined;
}
