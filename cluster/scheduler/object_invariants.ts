import { attemptClientId } from "./children.ts";
import { itemHolder } from "./item_flows.ts";
import { isNeeded, isResultWanted, neededObjects, type StoredObject } from "./object_directory.ts";
import type { SchedulerState } from "./state.ts";

/** Checks what must hold of objects after every step: whatever is referred to is kept, whatever is not has its hour, and
 * a wanted result that nobody has is being computed again. Costs O(objects × copies).
 * @throws {Error} that names the broken invariant */
export function checkObjects(state: SchedulerState): void {
  const { directory } = state;
  const unneeded = [...directory.objects.values()].filter(({ heapPosition }) => heapPosition >= 0);
  const unneededBytes = unneeded.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
  if (unneededBytes !== directory.unneededBytes) {
    throw new Error(
      `Broken invariant: ${unneededBytes} bytes of objects are needed by nobody, the counter says ${directory.unneededBytes}`,
    );
  }
  for (const [id, object] of directory.objects) {
    expect(object, object.objectId === id, "it is known under its id");
    checkCopies(state, object);
    checkReferences(state, object);
    const isDoomed = object.heapPosition >= 0;
    const isIdle = !isNeeded(state, object) && object.copies.size > 0;
    expect(object, isDoomed === isIdle, "it waits for its deletion exactly while nobody needs it");
    const isKnownFor = isNeeded(state, object) || object.copies.size > 0 ||
      object.producers.size > 0;
    expect(object, isKnownFor, "it is forgotten when nobody has it or refers to it");
  }
  checkHolders(state);
  checkLineage(state);
}

/** What attempts and items that are under way refer to goes with them. */
function checkHolders(state: SchedulerState): void {
  const holding = new Set<string>();
  for (const { attempt, copy } of state.tasks.values()) {
    for (const live of [attempt, copy]) {
      if (live?.holdsObjects) holding.add(attemptClientId(live.attemptId));
    }
  }
  for (const [taskId, { received, underWay }] of state.flows) {
    const holder = itemHolder(taskId);
    if (!state.tasks.has(taskId)) throw new Error(`Broken invariant: ${holder} has no task`);
    const held = new Set(underWay.map(({ object }) => object));
    const isHeld = [...held].every((object) => object.clients.has(holder));
    if (!isHeld || (state.directory.byClient.get(holder)?.size ?? 0) !== held.size) {
      throw new Error(`Broken invariant: what is under way is held by ${holder}, and nothing else`);
    }
    if (underWay.some(({ index }) => index < received)) {
      throw new Error(`Broken invariant: ${holder} holds nothing that has arrived`);
    }
  }
  for (const holder of state.directory.byClient.keys()) {
    if (/^attempt-\d+$/.test(holder) && !holding.has(holder)) {
      throw new Error(`Broken invariant: ${holder} refers to objects and is not live`);
    }
  }
}

function checkCopies(state: SchedulerState, object: StoredObject): void {
  const { directory } = state;
  for (const store of object.copies) {
    const isKnown = store === directory.head ||
      directory.stores.get(store.workerId ?? "") === store;
    expect(object, isKnown, "its copies are in known stores");
    expect(object, store.objects.has(object), "its stores list it");
  }
}

function checkReferences(state: SchedulerState, object: StoredObject): void {
  const { directory, tasks } = state;
  for (const clientId of object.clients) {
    expect(object, directory.byClient.get(clientId)?.has(object) === true, "its client lists it");
  }
  for (const task of [...object.readers, ...object.producers]) {
    const isKnown = tasks.get(task.record.spec.taskId) === task;
    expect(object, isKnown, "the tasks that it is kept for are known");
  }
  const isSettled = state.nowMs >= directory.expectedUntilMs &&
    directory.expectedUntilMs === -Infinity;
  for (const task of object.producers) {
    const { outcome } = task.record;
    const isResult = outcome?.type === "succeeded" && outcome.result.type === "stored" &&
      outcome.result.objectId === object.objectId;
    expect(object, isResult, "its producers succeeded with it");
    const isWanted = isResultWanted(state, task);
    const isHere = object.copies.size > 0;
    expect(object, !isSettled || isHere || !isWanted, "it is computed again when it is lost");
  }
}

function checkLineage(state: SchedulerState): void {
  let lineage = 0;
  for (const task of state.tasks.values()) {
    lineage += task.lineageCount;
    for (const size of task.record.outcome === undefined ? neededObjects(task.record.spec) : []) {
      const object = state.directory.objects.get(size.objectId);
      if (object?.readers.has(task)) continue;
      throw new Error(`Broken invariant: ${task.record.spec.taskId} holds its arguments`);
    }
  }
  if (lineage !== state.directory.lineageSize) {
    throw new Error(
      `Broken invariant: ${lineage} tasks are kept for others, the counter says ${state.directory.lineageSize}`,
    );
  }
}

function expect(object: StoredObject, holds: boolean, what: string): void {
  if (!holds) throw new Error(`Broken invariant of object ${object.objectId}: ${what}`);
}
