import { isNeeded } from "./object_directory.ts";
import type { ObjectStoreState, StoredObject } from "./object_directory.ts";
import type { SchedulerState, Worker } from "./state.ts";
import type { SchedulerCommand } from "./types.ts";
import { checkWorkerBy } from "./workers.ts";

/** Has the head fetch an object that is needed and might else be gone soon: one that cannot be computed again and lies
 * on machines alone that may be taken away, and whatever lies on workers alone that are to go. */
export function secure(
  state: SchedulerState,
  object: StoredObject,
  commands: SchedulerCommand[],
): void {
  if (!isNeeded(state, object)) return;
  const isPut = object.isPinned || object.clients.size > 0;
  let source: ObjectStoreState | undefined;
  for (const store of object.copies) {
    const isAtRisk = store.leaving !== undefined || (store.isSpot && isPut);
    if (!isAtRisk) return;
    source ??= store;
  }
  if (source?.workerId === undefined || source.leaving?.has(object)) return;
  source.leaving?.add(object);
  commands.push({ type: "SecureObject", objectId: object.objectId, workerId: source.workerId });
}

/** A worker is to go: what lies there alone is brought to the head, as long as it waits for that. */
export function leaveStore(
  state: SchedulerState,
  workerId: string,
  commands: SchedulerCommand[],
): void {
  const { directory } = state;
  const store = directory.stores.get(workerId);
  if (store === undefined || store.leaving !== undefined) return;
  store.leaving = new Set();
  for (const object of store.objects) secure(state, object, commands);
}

/** Tells a draining worker that holds nothing to stop, once a connection. While objects that are needed lie there alone it
 * is kept for `evacuationMs`, but not past the end of its drain. */
export function releaseIfDrained(
  state: SchedulerState,
  worker: Worker,
  commands: SchedulerCommand[],
): void {
  if (!worker.isDraining || worker.isReleased || worker.connection !== "connected") return;
  if (worker.admitted.size + worker.backlog.size + worker.calls.size > 0) return;
  if (isAwaitingObjects(state, worker, commands)) return;
  worker.isReleased = true;
  commands.push({ type: "ReleaseWorker", workerId: worker.workerId });
}

/** {@linkcode releaseIfDrained} for all whose objects something happened to. */
export function releaseEmptied(state: SchedulerState, commands: SchedulerCommand[]): void {
  for (const worker of state.leavingWorkers) releaseIfDrained(state, worker, commands);
}

function isAwaitingObjects(
  state: SchedulerState,
  worker: Worker,
  commands: SchedulerCommand[],
): boolean {
  const store = state.directory.stores.get(worker.workerId);
  if (store === undefined || state.nowMs >= worker.evacuateUntilMs) return false;
  const isFirstLook = worker.evacuateUntilMs === Infinity;
  let isAwaiting = false;
  for (const object of store.objects) {
    if (!isNeeded(state, object) || isElsewhere(object)) continue;
    isAwaiting = true;
    if (!isFirstLook) break;
    // Results that came after the drain had begun.
    secure(state, object, commands);
  }
  if (isAwaiting && isFirstLook) {
    worker.evacuateUntilMs = state.nowMs + state.limits.evacuationMs;
    checkWorkerBy(state, worker, worker.evacuateUntilMs);
  }
  return isAwaiting;
}

function isElsewhere(object: StoredObject): boolean {
  for (const store of object.copies) if (store.leaving === undefined) return true;
  return false;
}
