import type { SchedulerState } from "./state.ts";

/** Where an object is, as the head needs it to fetch it. */
export interface ObjectPlaces {
  /** Workers that have it and are connected. */
  readonly workerIds: readonly string[];
  /** Whether it may still turn up: a worker that had it may come back. */
  readonly isExpected: boolean;
  /** The store that lost the last copy, for people; undefined when none did. */
  readonly lostFrom: string | undefined;
}

/** How many objects are known, and their bytes, each counted once. */
export interface ObjectTotals {
  readonly count: number;
  readonly sizeBytes: number;
}

/** Where an object is. One that is not known is nowhere. */
export function objectPlaces(state: SchedulerState, objectId: string): ObjectPlaces {
  const object = state.directory.objects.get(objectId);
  const workerIds: string[] = [];
  let isExpected = state.nowMs < state.directory.expectedUntilMs;
  for (const { workerId } of object?.copies ?? []) {
    if (workerId === undefined) continue;
    if (state.workers.get(workerId)?.connection === "connected") workerIds.push(workerId);
    else isExpected = true;
  }
  return { workerIds, isExpected, lostFrom: object?.lostFrom };
}

/** Whether the head's store must keep an object where it is: a task that runs, or is about to, reads it. */
export function isInUse(state: SchedulerState, objectId: string): boolean {
  const object = state.directory.objects.get(objectId);
  if (object === undefined) return false;
  for (const { attempt } of object.readers) if (attempt !== undefined) return true;
  for (const { dependents } of object.producers) {
    for (const { attempt } of dependents ?? []) if (attempt !== undefined) return true;
  }
  return false;
}

/** Whether the head knows an object that its own store has. */
export function isKeptByHead(state: SchedulerState, objectId: string): boolean {
  const object = state.directory.objects.get(objectId);
  return object !== undefined && object.copies.has(state.directory.head);
}

/** What the store of each worker holds, in bytes; workers that share the head's have none. */
export function storedBytes(state: SchedulerState): Map<string, number> {
  const totals = new Map<string, number>();
  for (const [workerId, { objects }] of state.directory.stores) {
    let bytes = 0;
    for (const { sizeBytes } of objects) bytes += sizeBytes;
    totals.set(workerId, bytes);
  }
  return totals;
}

/** All known objects that some store has. */
export function objectTotals(state: SchedulerState): ObjectTotals {
  let count = 0;
  let sizeBytes = 0;
  for (const object of state.directory.objects.values()) {
    if (object.copies.size === 0) continue;
    count++;
    sizeBytes += object.sizeBytes;
  }
  return { count, sizeBytes };
}
