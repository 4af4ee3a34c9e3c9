import type { ObjectStoreState, StoredObject } from "./object_directory.ts";
import { storeOf } from "./object_directory.ts";
import type { SchedulerState, Task, Worker } from "./state.ts";
import type { ObjectFetch, ResultRef } from "./types.ts";
import { BACKLOG_LOAD } from "./workers.ts";

const NOTHING: readonly ObjectFetch[] = [];
/** Addresses that a worker is given for one object. */
const MAX_SOURCES = 3;

/** The objects that an attempt of the task reads, and where its worker gets those that it does not have. */
export function fetchesOf(
  state: SchedulerState,
  task: Task,
  worker: Worker,
  inputs: readonly ResultRef[],
): readonly ObjectFetch[] {
  const { objects } = task.record.spec;
  if (objects.length === 0 && !inputs.some(({ type }) => type === "stored")) return NOTHING;
  const own = storeOf(state, worker.workerId);
  const fetches = new Map<string, ObjectFetch>();
  const add = (objectId: string, sizeBytes: number) => {
    const object = state.directory.objects.get(objectId);
    const isHere = object?.copies.has(own) ?? false;
    const sources = isHere || object === undefined ? [] : sourcesOf(state, object);
    fetches.set(objectId, { objectId, sizeBytes, isHere, sources });
  };
  for (const { objectId, sizeBytes } of objects) add(objectId, sizeBytes);
  for (const input of inputs) if (input.type === "stored") add(input.objectId, input.sizeBytes);
  return [...fetches.values()];
}

/** The worker for a task that reads much: of those that have room for it now, the one that has the most bytes of its
 * inputs; the one that was found without them when there is none, or when it reads little. Costs O(copies of the
 * inputs), whatever the number of workers. */
export function preferLocal(state: SchedulerState, task: Task, found: Worker): Worker {
  const { objects, dependencies } = task.record.spec;
  if (objects.length === 0 && dependencies.length === 0) return found;
  if (state.directory.stores.size === 0) return found;
  const bytesByStore = new Map<ObjectStoreState, number>();
  let totalBytes = 0;
  for (const object of inputObjects(state, task)) {
    totalBytes += object.sizeBytes;
    for (const store of object.copies) {
      bytesByStore.set(store, (bytesByStore.get(store) ?? 0) + object.sizeBytes);
    }
  }
  if (totalBytes < state.limits.localInputBytes) return found;
  const placeOf = (worker: Worker) => task.shape.candidateBySlot[worker.slot]?.load ?? Infinity;
  const rank = Math.floor(placeOf(found));
  if (rank >= BACKLOG_LOAD) return found;
  let best = found;
  let bestBytes = bytesByStore.get(storeOf(state, found.workerId)) ?? 0;
  for (const [store, bytes] of bytesByStore) {
    if (bytes <= bestBytes || store.workerId === undefined) continue;
    const worker = state.workers.get(store.workerId);
    // As near as the one that was found: what a task prefers of its workers goes before its bytes.
    if (worker === undefined || Math.floor(placeOf(worker)) !== rank) continue;
    best = worker;
    bestBytes = bytes;
  }
  return best;
}

function inputObjects(state: SchedulerState, task: Task): Set<StoredObject> {
  const { objects } = state.directory;
  const found = new Set<StoredObject>();
  const add = (objectId: string) => {
    const object = objects.get(objectId);
    if (object !== undefined) found.add(object);
  };
  for (const { objectId } of task.record.spec.objects) add(objectId);
  for (const { record: { outcome } } of task.dependencies) {
    if (outcome?.type === "succeeded" && outcome.result.type === "stored") {
      add(outcome.result.objectId);
    }
  }
  return found;
}

/** A few of the nodes that have an object, other ones each time: so a value that all need spreads over all that have
 * it already, and does not queue at the first. */
function sourcesOf(state: SchedulerState, { copies }: StoredObject): string[] {
  const urls: string[] = [];
  for (const { url, workerId } of copies) {
    if (url === undefined || workerId === undefined) continue;
    if (state.workers.get(workerId)?.connection === "connected") urls.push(url);
  }
  const start = urls.length > MAX_SOURCES ? state.attemptCount % urls.length : 0;
  return [...urls.slice(start), ...urls.slice(0, start)].slice(0, MAX_SOURCES);
}
