import { assertNever } from "../../src/base/errors.ts";
import { markHolding } from "./children.ts";
import { leaveStore, releaseEmptied, secure } from "./evacuation.ts";
import { replaceAllLost, replaceLost } from "./lineage.ts";
import {
  addCopy,
  deleteUnneeded,
  dropCopy,
  holdObject,
  letGoOfObject,
  objectOf,
  type ObjectStoreState,
  refreshObject,
  type StoredObject,
} from "./object_directory.ts";
import type { SchedulerState } from "./state.ts";
import { advanceTime } from "./time.ts";
import type { ObjectEvent, ObjectSize, SchedulerCommand } from "./types.ts";

/** Takes in what happened to objects. */
export function takeObjectEvent(
  state: SchedulerState,
  event: ObjectEvent,
  commands: SchedulerCommand[],
): void {
  applyObjectEvent(state, event, commands);
  releaseEmptied(state, commands);
}

function applyObjectEvent(
  state: SchedulerState,
  event: ObjectEvent,
  commands: SchedulerCommand[],
): void {
  const { directory } = state;
  switch (event.type) {
    case "StoreOpened":
      return openStore(state, event, commands);
    case "ObjectsStored": {
      const store = storeNamed(state, event.holder);
      if (store === undefined) return;
      for (const size of event.objects) addCopy(state, store, objectOf(state, size));
      return;
    }
    case "ObjectsDropped": {
      const store = storeNamed(state, event.holder);
      const known = event.objectIds.map((id) => directory.objects.get(id));
      if (store !== undefined) dropCopies(state, store, known, commands);
      return;
    }
    case "ObjectsHeld":
      if (event.attempt !== undefined && !markHolding(state, event.attempt)) return;
      for (const size of event.objects) {
        const object = objectOf(state, size);
        holdObject(state, event.clientId, object);
        secure(state, object, commands);
      }
      return;
    case "ObjectsLetGo":
      for (const objectId of event.objectIds) {
        const object = directory.objects.get(objectId);
        if (object !== undefined) letGoOfObject(state, event.clientId, object);
      }
      return;
    case "ObjectsPinned":
      for (const size of event.objects) pin(state, size, commands);
      return;
    case "ObjectsUnpinned":
      for (const objectId of event.objectIds) unpin(state, objectId, commands);
      return;
    default:
      assertNever(event);
  }
}

/** What time alone does: after a restart the missing is taken for lost at last; what nobody needs is deleted. */
export function takeObjectTick(state: SchedulerState, commands: SchedulerCommand[]): void {
  const { directory } = state;
  if (directory.expectedUntilMs > -Infinity && state.nowMs >= directory.expectedUntilMs) {
    directory.expectedUntilMs = -Infinity;
    replaceAllLost(state, commands);
  }
  deleteUnneeded(state, commands);
  releaseEmptied(state, commands);
}

/** A worker is gone, and its store with it. */
export function closeStore(
  state: SchedulerState,
  workerId: string,
  commands: SchedulerCommand[],
): void {
  const store = state.directory.stores.get(workerId);
  if (store === undefined) return;
  dropCopies(state, store, [...store.objects], commands);
  state.directory.stores.delete(workerId);
}

/** What the head found when it started: the objects in its store, and what is pinned. Until `objectsReturnMs` passed
 * nothing is taken for lost, and until `clientsReturnMs` passed nothing is deleted: workers and clients may come back.
 * @param nowMs when the head started */
export function restoreObjects(
  state: SchedulerState,
  found: { readonly stored: readonly ObjectSize[]; readonly pinned: readonly ObjectSize[] },
  nowMs: number,
): void {
  advanceTime(state, nowMs);
  const { directory } = state;
  directory.expectedUntilMs = state.nowMs + state.limits.objectsReturnMs;
  directory.keepUntilMs = state.nowMs + state.limits.clientsReturnMs;
  for (const size of found.pinned) objectOf(state, size).isPinned = true;
  for (const size of found.stored) addCopy(state, directory.head, objectOf(state, size));
}

function openStore(
  state: SchedulerState,
  event: ObjectEvent & { type: "StoreOpened" },
  commands: SchedulerCommand[],
): void {
  const { holder, url, isSpot } = event;
  const known = state.directory.stores.get(holder);
  const store: ObjectStoreState = {
    workerId: holder,
    url,
    isSpot,
    leaving: undefined,
    objects: new Set(),
  };
  state.directory.stores.set(holder, store);
  // The new copies first, so that nothing is taken for lost that is still there.
  for (const size of event.objects) addCopy(state, store, objectOf(state, size));
  if (known !== undefined) dropCopies(state, known, [...known.objects], commands);
  if (state.workers.get(holder)?.isDraining) leaveStore(state, holder, commands);
}

function storeNamed(
  state: SchedulerState,
  holder: string | undefined,
): ObjectStoreState | undefined {
  return holder === undefined ? state.directory.head : state.directory.stores.get(holder);
}

function dropCopies(
  state: SchedulerState,
  store: ObjectStoreState,
  objects: readonly (StoredObject | undefined)[],
  commands: SchedulerCommand[],
): void {
  const lost: StoredObject[] = [];
  for (const object of objects) {
    if (object === undefined) continue;
    if (dropCopy(state, store, object)) lost.push(object);
    else secure(state, object, commands);
  }
  for (const object of lost) replaceLost(state, object, commands);
}

function pin(state: SchedulerState, size: ObjectSize, commands: SchedulerCommand[]): void {
  const object = objectOf(state, size);
  if (!object.isPinned) commands.push({ type: "SavePin", object: size });
  object.isPinned = true;
  noteReference(state, object, commands);
}

function unpin(state: SchedulerState, objectId: string, commands: SchedulerCommand[]): void {
  const object = state.directory.objects.get(objectId);
  if (object === undefined || !object.isPinned) return;
  object.isPinned = false;
  commands.push({ type: "ForgetPin", objectId });
  refreshObject(state, object);
}

function noteReference(
  state: SchedulerState,
  object: StoredObject,
  commands: SchedulerCommand[],
): void {
  refreshObject(state, object);
  secure(state, object, commands);
}
