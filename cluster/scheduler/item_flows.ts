import { isLive } from "./children.ts";
import {
  holdObject,
  letGoOfAll,
  letGoOfObject,
  objectOf,
  type StoredObject,
} from "./object_directory.ts";
import type { SchedulerState, Task } from "./state.ts";
import type { ItemEvent } from "./types.ts";

/** What a task that gives items has given. The items themselves pass the head and are not kept. */
export interface ItemFlow {
  /** So many have arrived at the reader, over all attempts: it holds those that are objects itself. */
  received: number;
  /** Items that are objects and may be under way: they are held in the task's name until the reader has them. */
  readonly underWay: { readonly index: number; readonly object: StoredObject }[];
}

/** Takes in what is said of a task's items. */
export function takeItemEvent(state: SchedulerState, event: ItemEvent): void {
  const task = state.tasks.get(event.taskId);
  if (task === undefined) return;
  if (event.type === "ItemsReceived") {
    if (task.record.spec.clientId === event.clientId) noteReceived(state, task, event.received);
    return;
  }
  if (!isLive(task, event.attemptId)) return;
  const flow = flowOf(state, task);
  for (const { index, ...size } of event.objects) {
    if (index < flow.received) continue;
    const object = objectOf(state, size);
    flow.underWay.push({ index, object });
    holdObject(state, itemHolder(task.record.spec.taskId), object);
  }
}

/** The task is forgotten: nobody reads its items any more. */
export function endFlow(state: SchedulerState, task: Task): void {
  if (state.flows.size === 0 || !state.flows.delete(task.record.spec.taskId)) return;
  letGoOfAll(state, itemHolder(task.record.spec.taskId));
}

/** Whether no other attempt of a task may begin: its reader has items, and was promised those of one attempt alone. */
export function hasBegunStream(state: SchedulerState, { record: { spec } }: Task): boolean {
  if (spec.rules?.stream !== "never") return false;
  return (state.flows.get(spec.taskId)?.received ?? 0) > 0;
}

/** In whose name items are held; no client has it. */
export function itemHolder(taskId: string): string {
  return `items-${taskId}`;
}

function noteReceived(state: SchedulerState, task: Task, received: number): void {
  const flow = flowOf(state, task);
  if (received <= flow.received) return;
  flow.received = received;
  const arrived = flow.underWay.filter(({ index }) => index < received);
  if (arrived.length === 0) return;
  const rest = flow.underWay.filter(({ index }) => index >= received);
  flow.underWay.splice(0, Infinity, ...rest);
  const still = new Set(rest.map(({ object }) => object));
  for (const { object } of arrived) {
    if (!still.has(object)) letGoOfObject(state, itemHolder(task.record.spec.taskId), object);
  }
}

function flowOf(state: SchedulerState, task: Task): ItemFlow {
  const { taskId } = task.record.spec;
  let flow = state.flows.get(taskId);
  if (flow === undefined) state.flows.set(taskId, flow = { received: 0, underWay: [] });
  return flow;
}
