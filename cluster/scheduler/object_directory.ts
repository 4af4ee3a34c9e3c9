import { type HeapItem, IndexedHeap } from "./indexed_heap.ts";
import type { SchedulerState, Task } from "./state.ts";
import type { AttemptReport, ObjectSize, SchedulerCommand, TaskSpec } from "./types.ts";

/** An immutable value that some node holds, or held. */
export interface StoredObject extends HeapItem {
  /** The SHA-256 of its bytes, in hexadecimal digits. */
  readonly objectId: string;
  /** Its size in bytes. */
  readonly sizeBytes: number;
  /** The stores that have it. */
  readonly copies: Set<ObjectStoreState>;
  /** Clients that put it and have not released it. */
  readonly clients: Set<string>;
  /** Tasks that name it as an argument, while they may still have to run. */
  readonly readers: Set<Task>;
  /** Tasks that succeeded with it as their result. */
  readonly producers: Set<Task>;
  /** It is kept although nobody refers to it. */
  isPinned: boolean;
  /** When it is deleted, while nobody refers to it. */
  deleteAtMs: number;
  /** The store that lost the last copy, for people; undefined while there is one. */
  lostFrom: string | undefined;
}

/** The objects of one node. Nodes on the head's machine share the head's. */
export interface ObjectStoreState {
  /** The worker whose store it is; undefined for the head's. */
  readonly workerId: string | undefined;
  /** Where other nodes fetch from it; undefined when they have to go through the head. */
  readonly url: string | undefined;
  /** Its machine may be taken away at any time. */
  readonly isSpot: boolean;
  /** Its worker is to go: what the head was asked to fetch from it because of that; undefined while it stays. */
  leaving: Set<StoredObject> | undefined;
  /** What it has. */
  readonly objects: Set<StoredObject>;
}

/** Who holds which object, and who refers to it. */
export interface ObjectDirectory {
  /** All known objects by id. */
  readonly objects: Map<string, StoredObject>;
  /** The store of the head. */
  readonly head: ObjectStoreState;
  /** The stores of workers that do not share the head's. */
  readonly stores: Map<string, ObjectStoreState>;
  /** What each client holds. */
  readonly byClient: Map<string, Set<StoredObject>>;
  /** Objects that nobody refers to, by the time at which they are deleted. */
  readonly unneeded: IndexedHeap<StoredObject>;
  /** How large those are together. */
  unneededBytes: number;
  /** After a restart: until then a missing object may come back with its worker. -Infinity otherwise. */
  expectedUntilMs: number;
  /** After a restart: until then nothing is deleted, as those who refer to it may come back. */
  keepUntilMs: number;
  /** Ended tasks that are kept since the result of another may have to be computed again, counted once per reader. */
  lineageSize: number;
}

/** A directory that knows of nothing. */
export function createDirectory(): ObjectDirectory {
  return {
    objects: new Map(),
    head: {
      workerId: undefined,
      url: undefined,
      isSpot: false,
      leaving: undefined,
      objects: new Set(),
    },
    stores: new Map(),
    byClient: new Map(),
    unneeded: new IndexedHeap((a, b) =>
      a.deleteAtMs < b.deleteAtMs || (a.deleteAtMs === b.deleteAtMs && a.objectId < b.objectId)
    ),
    unneededBytes: 0,
    expectedUntilMs: -Infinity,
    keepUntilMs: -Infinity,
    lineageSize: 0,
  };
}

/** The store in which a worker's tasks leave their results. */
export function storeOf(state: SchedulerState, workerId: string): ObjectStoreState {
  return state.directory.stores.get(workerId) ?? state.directory.head;
}

/** The entry of an object; a new one has no copy and nobody who needs it. */
export function objectOf(state: SchedulerState, { objectId, sizeBytes }: ObjectSize): StoredObject {
  const { objects } = state.directory;
  let object = objects.get(objectId);
  if (object === undefined) {
    object = {
      objectId,
      sizeBytes,
      copies: new Set(),
      clients: new Set(),
      readers: new Set(),
      producers: new Set(),
      isPinned: false,
      deleteAtMs: Infinity,
      lostFrom: undefined,
      heapPosition: -1,
    };
    objects.set(objectId, object);
  }
  return object;
}

/** The object that is a task's result; undefined when it has none, or one that is not stored. */
export function resultObject(state: SchedulerState, task: Task): StoredObject | undefined {
  const { outcome } = task.record;
  if (outcome?.type !== "succeeded" || outcome.result.type !== "stored") return undefined;
  return state.directory.objects.get(outcome.result.objectId);
}

/** A store has an object. */
export function addCopy(
  state: SchedulerState,
  store: ObjectStoreState,
  object: StoredObject,
): void {
  object.copies.add(store);
  object.lostFrom = undefined;
  store.objects.add(object);
  refreshObject(state, object);
}

/** The worker has what an attempt came to, also one that is stale: its files lie there until they are deleted. */
export function noteCopies(state: SchedulerState, workerId: string, report: AttemptReport): void {
  const end = report.type === "checkpointed" ? report.report : report;
  const results = [
    end.type === "succeeded" ? end.result : undefined,
    report.type === "checkpointed" ? report.checkpoint.value : undefined,
  ];
  for (const result of results) {
    if (result?.type !== "stored") continue;
    addCopy(state, storeOf(state, workerId), objectOf(state, result));
  }
}

/** A store has an object no more.
 * @returns whether that was the last copy of something that is needed */
export function dropCopy(
  state: SchedulerState,
  store: ObjectStoreState,
  object: StoredObject,
): boolean {
  if (!object.copies.delete(store)) return false;
  store.objects.delete(object);
  if (object.copies.size > 0) return false;
  object.lostFrom = store.workerId ?? "the head";
  refreshObject(state, object);
  return isNeeded(state, object);
}

/** Whether somebody refers to an object: a pin, a client, a task that reads it, or a task whose result it is and whose
 * result is still wanted. */
export function isNeeded(state: SchedulerState, object: StoredObject): boolean {
  if (object.isPinned || object.clients.size > 0 || object.readers.size > 0) return true;
  for (const task of object.producers) if (isResultWanted(state, task)) return true;
  return false;
}

/** Whether somebody will ask for a task's result: its client, tasks that read it, or whoever repeats its key. */
export function isResultWanted(state: SchedulerState, task: Task): boolean {
  return !task.isReleased || (task.dependents?.size ?? 0) > 0 || state.keptTasks.has(task);
}

/** Mends an object's place after a reference to it came or went: what nobody refers to is deleted after a grace. */
export function refreshObject(state: SchedulerState, object: StoredObject): void {
  const { directory } = state;
  if (isNeeded(state, object)) {
    takeFromUnneeded(directory, object);
  } else if (object.copies.size === 0) {
    takeFromUnneeded(directory, object);
    if (object.producers.size === 0) directory.objects.delete(object.objectId);
  } else if (object.heapPosition < 0) {
    const fromMs = Math.max(state.nowMs, directory.keepUntilMs);
    object.deleteAtMs = fromMs + state.limits.objectGraceMs;
    directory.unneeded.place(object);
    directory.unneededBytes += object.sizeBytes;
  }
}

function takeFromUnneeded(directory: ObjectDirectory, object: StoredObject): void {
  if (object.heapPosition < 0) return;
  directory.unneeded.remove(object);
  directory.unneededBytes -= object.sizeBytes;
}

/** When the first of those that nobody refers to is deleted: sooner while they are large together, as they take room from
 * what is needed. */
function nextDeletionMs({ directory, limits }: SchedulerState): number {
  const first = directory.unneeded.peek();
  if (first === undefined) return Infinity;
  if (directory.unneededBytes <= limits.maxUnneededBytes) return first.deleteAtMs;
  return first.deleteAtMs - limits.objectGraceMs + limits.crowdedGraceMs;
}

/** {@linkcode refreshObject} for a task's result, if that is an object. */
export function refreshResult(state: SchedulerState, task: Task): void {
  const object = resultObject(state, task);
  if (object !== undefined) refreshObject(state, object);
}

/** Deletes everywhere what nobody referred to for long enough. */
export function deleteUnneeded(state: SchedulerState, commands: SchedulerCommand[]): void {
  const { directory } = state;
  for (
    let object = directory.unneeded.peek();
    object !== undefined && nextDeletionMs(state) <= state.nowMs;
    object = directory.unneeded.peek()
  ) {
    takeFromUnneeded(directory, object);
    const { objectId } = object;
    const workerIds = [...object.copies].map(({ workerId }) => workerId);
    for (const store of object.copies) store.objects.delete(object);
    object.copies.clear();
    if (object.producers.size === 0) directory.objects.delete(objectId);
    commands.push({ type: "DeleteObject", objectId, workerIds });
  }
}

/** A client, or whoever has a name as clients do, refers to an object. */
export function holdObject(state: SchedulerState, clientId: string, object: StoredObject): void {
  const { byClient } = state.directory;
  object.clients.add(clientId);
  const held = byClient.get(clientId);
  if (held === undefined) byClient.set(clientId, new Set([object]));
  else held.add(object);
  refreshObject(state, object);
}

/** It does not refer to an object any more. */
export function letGoOfObject(
  state: SchedulerState,
  clientId: string,
  object: StoredObject,
): void {
  object.clients.delete(clientId);
  const held = state.directory.byClient.get(clientId);
  held?.delete(object);
  if (held?.size === 0) state.directory.byClient.delete(clientId);
  refreshObject(state, object);
}

/** It refers to nothing any more. */
export function letGoOfAll(state: SchedulerState, clientId: string): void {
  for (const object of [...state.directory.byClient.get(clientId) ?? []]) {
    letGoOfObject(state, clientId, object);
  }
}

/** What a task needs to run: its arguments, and the archive of its code. */
export function neededObjects({ objects, rules }: TaskSpec): readonly ObjectSize[] {
  return rules?.code === undefined ? objects : [...objects, rules.code];
}

/** A task refers to what it needs: that is kept until it lets go. */
export function holdArguments(state: SchedulerState, task: Task): void {
  for (const size of neededObjects(task.record.spec)) {
    const object = objectOf(state, size);
    object.readers.add(task);
    refreshObject(state, object);
  }
}

/** The task will not run again: what it needs is not kept for it any more. */
export function letGoArguments(state: SchedulerState, task: Task): void {
  for (const { objectId } of neededObjects(task.record.spec)) {
    const object = state.directory.objects.get(objectId);
    if (object?.readers.delete(task)) refreshObject(state, object);
  }
}

/** When time alone changes something about objects; Infinity if never. */
export function nextObjectDeadlineMs(state: SchedulerState): number {
  const { directory } = state;
  const expectedMs = directory.expectedUntilMs > -Infinity ? directory.expectedUntilMs : Infinity;
  return Math.min(expectedMs, nextDeletionMs(state));
}
