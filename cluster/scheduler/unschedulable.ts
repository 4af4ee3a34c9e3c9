import { formatSize } from "../../src/base/size_text.ts";
import type { SchedulerState, Shape, Task } from "./state.ts";
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

/** Fails a task that asked for it when none of the known workers could ever hold it. While there are none at all it
 * waits: a cluster that starts is no answer.
 * @returns whether it failed */
export function failFast(
  state: SchedulerState,
  task: Task,
  commands: SchedulerCommand[],
): boolean {
  if (!task.record.spec.rules?.failFast) return false;
  if (task.shape.holderCount > 0 || state.workers.size === 0) return false;
  fail(state, task, commands);
  return true;
}

/** Warns clients whose ready tasks no known worker could hold for a while, and fails the tasks in the end, if so
 * configured; while there are no workers at all neither happens. */
export function tellUnholdable(state: SchedulerState, commands: SchedulerCommand[]): void {
  if (state.workers.size === 0) return;
  for (const shape of [...state.queuedShapes]) {
    if (warnAtMs(state, shape) <= state.nowMs) warnClients(state, shape, commands);
    if (failAtMs(state, shape) > state.nowMs) continue;
    for (let task = shape.queue.peek(); task !== undefined; task = shape.queue.peek()) {
      fail(state, task, commands);
    }
  }
}

/** When time alone changes something about ready tasks, on the scheduler's own clock; Infinity if never. */
export function nextShapeDeadlineMs(state: SchedulerState): number {
  if (state.queuedShapes.size === 0) return Infinity;
  let atMs = state.assignFromMs > state.nowMs ? state.assignFromMs : Infinity;
  for (const shape of state.queuedShapes) {
    if (shape.passedOverSinceMs !== undefined && shape.reservedWorker === undefined) {
      atMs = Math.min(atMs, shape.passedOverSinceMs + state.limits.reserveAfterMs);
    }
    if (shape.unholdableSinceMs !== undefined && state.workers.size > 0) {
      atMs = Math.min(atMs, warnAtMs(state, shape), failAtMs(state, shape));
    }
  }
  return atMs;
}

function warnAtMs(state: SchedulerState, shape: Shape): number {
  if (shape.unholdableSinceMs === undefined || shape.clientsToWarn.size === 0) return Infinity;
  return shape.unholdableSinceMs + state.limits.warnUnholdableAfterMs;
}

function failAtMs(state: SchedulerState, shape: Shape): number {
  if (shape.unholdableSinceMs === undefined || !state.limits.failUnschedulable) return Infinity;
  return shape.unholdableSinceMs + state.limits.unschedulableAfterMs;
}

function warnClients(state: SchedulerState, shape: Shape, commands: SchedulerCommand[]): void {
  const lack = describeLack(state, shape);
  for (const [clientId, taskId] of shape.clientsToWarn) {
    const name = state.tasks.get(taskId)?.record.spec.name ?? taskId;
    const warning = `${name} waits, and so does all that asks for the same: ${lack}`;
    commands.push({ type: "WarnClient", clientId, taskId, warning });
    shape.warnedClients.add(clientId);
  }
  shape.clientsToWarn.clear();
}

function fail(state: SchedulerState, task: Task, commands: SchedulerCommand[]): void {
  const message = `Cannot run ${task.record.spec.name}: ${describeLack(state, task.shape)}`;
  const error: TaskError = { kind: "unschedulable", name: "Unschedulable", message };
  finishTask(state, task, { type: "failed", error }, "no worker could ever hold it", commands);
}

/** What is asked for, what the largest workers have, and which worker would be needed. */
function describeLack(state: SchedulerState, shape: Shape): string {
  const { workers } = state;
  const asked = describeAmounts(shape.amounts);
  if (workers.size === 0) return `there is no worker to hold ${asked}${whereOf(shape)}`;
  const largest = shape.amounts.map(([name]): [string, number] => {
    const amounts = [...workers.values()].map(({ capacity }) => capacity.get(name) ?? 0);
    return [name, amounts.reduce((most, amount) => Math.max(most, amount), 0)];
  });
  const has = describeAmounts(largest);
  const lack = workers.size === 1
    ? `the one worker that is here could never hold ${asked}${whereOf(shape)}: it has ${has}`
    : `none of the ${workers.size} workers could ever hold ${asked}${whereOf(shape)}: the most ` +
      `that any one has is ${has}, and one worker must have it all`;
  return `${lack}. It needs another worker, or a task that asks for less`;
}

/** For instance `2 cpus, memory 1.5 GiB`. */
function describeAmounts(amounts: readonly (readonly [string, number])[]): string {
  return amounts.map(([name, amount]) =>
    name.endsWith("Bytes")
      ? `${name.slice(0, -"Bytes".length)} ${formatSize(amount)}`
      : `${amount} ${amount === 1 ? name.replace(/s$/, "") : name}`
  ).join(", ");
}

function whereOf({ affinity }: Shape): string {
  if (affinity?.mode !== "require") return "";
  const nodes = affinity.nodes === undefined ? "" : ` on ${affinity.nodes.join(" or ")}`;
  const labels = affinity.labels === undefined
    ? ""
    : ` with the labels ${affinity.labels.join(", ")}`;
  return nodes + labels;
}
