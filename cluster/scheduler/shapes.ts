import { IndexedHeap } from "./indexed_heap.ts";
import { ReadyQueue } from "./ready_queue.ts";
import type { Candidate, SchedulerState, Shape, Task, Worker } from "./state.ts";
import type { Affinity, TaskSpec } from "./types.ts";
import { canEverHold, loadFor } from "./workers.ts";

/** The shape of a task, with one task more. Amounts of 0 do not matter. */
export function acquireShape(state: SchedulerState, spec: TaskSpec): Shape {
  const key = shapeKey(spec);
  let shape = state.shapes.get(key);
  if (shape === undefined) shape = addShape(state, key, spec);
  else if (shape.taskCount === 0) state.idleShapes.delete(shape);
  shape.taskCount++;
  return shape;
}

/** One unfinished task of the shape fewer. A few shapes without any stay indexed, so that a stream of single tasks
 * does not build the index each time; past `maxIdleShapes` the one that is idle longest goes. */
export function releaseShape(state: SchedulerState, shape: Shape): void {
  shape.taskCount--;
  if (shape.taskCount > 0) return;
  state.idleShapes.add(shape);
  if (state.idleShapes.size <= state.limits.maxIdleShapes) return;
  const oldest = state.idleShapes.values().next().value as Shape;
  state.idleShapes.delete(oldest);
  state.shapes.delete(oldest.key);
}

/** The first task of a shape became ready. */
export function markQueued(state: SchedulerState, shape: Shape): void {
  state.queuedShapes.add(shape);
  if (shape.holderCount === 0) shape.unholdableSinceMs = state.nowMs;
}

/** Has the client of a ready task that no known worker can hold warned, once for all of its tasks of the shape. */
export function warnClientOf(shape: Shape, { record: { spec } }: Task): void {
  const { clientId, taskId } = spec;
  if (shape.warnedClients.has(clientId) || shape.clientsToWarn.has(clientId)) return;
  shape.clientsToWarn.set(clientId, taskId);
}

/** The last ready task of a shape went: what was held for it is free again. */
export function markUnqueued(state: SchedulerState, shape: Shape): void {
  state.queuedShapes.delete(shape);
  forgetUnholdable(shape);
  shape.passedOverSinceMs = undefined;
  dropReservation(state, shape);
}

/** Makes a worker a place for every shape that its capacity can hold. */
export function indexWorker(state: SchedulerState, worker: Worker): void {
  for (const shape of state.shapes.values()) indexWorkerFor(state, worker, shape);
}

/** Takes a worker out of every shape's places. */
export function unindexWorker(state: SchedulerState, worker: Worker): void {
  if (worker.reservedFor !== undefined) dropReservation(state, worker.reservedFor);
  for (const shape of state.shapes.values()) {
    const candidate = shape.candidateBySlot[worker.slot];
    if (candidate === undefined) continue;
    shape.candidates.remove(candidate);
    shape.candidateBySlot[worker.slot] = undefined;
    shape.holderCount--;
    if (shape.holderCount === 0 && shape.queue.size > 0) {
      shape.unholdableSinceMs = state.nowMs;
      warnClientOf(shape, shape.queue.peek() as Task);
    }
  }
}

/** Mends a worker's place in every shape's order after its load, connection or reservation changed. */
export function refreshWorker(state: SchedulerState, worker: Worker): void {
  for (const shape of state.shapes.values()) {
    const candidate = shape.candidateBySlot[worker.slot];
    if (candidate !== undefined) refreshCandidate(state, shape, candidate);
  }
}

/** Ends the reservation of a worker for a shape, if there is one. */
export function dropReservation(state: SchedulerState, shape: Shape): void {
  const worker = shape.reservedWorker;
  if (worker === undefined) return;
  shape.reservedWorker = undefined;
  worker.reservedFor = undefined;
  state.reservationCount--;
  refreshWorker(state, worker);
}

/** Holds a worker free for a shape until one of its tasks was placed. */
export function reserveWorker(state: SchedulerState, shape: Shape, worker: Worker): void {
  shape.reservedWorker = worker;
  worker.reservedFor = shape;
  state.reservationCount++;
  refreshWorker(state, worker);
}

function forgetUnholdable(shape: Shape): void {
  shape.unholdableSinceMs = undefined;
  shape.clientsToWarn.clear();
  shape.warnedClients.clear();
}

function shapeKey({ resources, rules }: TaskSpec): string {
  const names = Object.keys(resources);
  if (names.length > 1) names.sort();
  let key = "";
  for (const name of names) {
    if (resources[name] !== 0) key += `${JSON.stringify(name)}:${resources[name]};`;
  }
  return rules?.affinity === undefined ? key : key + affinityKey(rules.affinity);
}

function affinityKey({ mode, nodes, labels }: Affinity): string {
  return JSON.stringify([mode, nodes?.toSorted(), labels?.toSorted()]);
}

function addShape(state: SchedulerState, key: string, { resources, rules }: TaskSpec): Shape {
  const amounts = Object.entries(resources).filter(([, amount]) => amount !== 0);
  const shape: Shape = {
    key,
    amounts,
    affinity: rules?.affinity,
    cost: resources.cpus || (amounts.length > 0 ? 1 : 0),
    queue: new ReadyQueue(),
    taskCount: 0,
    candidates: new IndexedHeap<Candidate>((a, b) =>
      a.load < b.load || (a.load === b.load && a.worker.ordinal < b.worker.ordinal)
    ),
    candidateBySlot: [],
    holderCount: 0,
    passedOverSinceMs: undefined,
    reservedWorker: undefined,
    unholdableSinceMs: undefined,
    clientsToWarn: new Map(),
    warnedClients: new Set(),
  };
  state.shapes.set(key, shape);
  for (const worker of state.workers.values()) indexWorkerFor(state, worker, shape);
  return shape;
}

function indexWorkerFor(state: SchedulerState, worker: Worker, shape: Shape): void {
  if (!canEverHold(worker, shape)) return;
  const candidate: Candidate = { worker, load: Infinity, heapPosition: -1 };
  shape.candidateBySlot[worker.slot] = candidate;
  shape.holderCount++;
  forgetUnholdable(shape);
  refreshCandidate(state, shape, candidate);
}

function refreshCandidate(state: SchedulerState, shape: Shape, candidate: Candidate): void {
  const load = loadFor(state.limits, candidate.worker, shape);
  if (load === candidate.load && (load === Infinity || candidate.heapPosition >= 0)) return;
  candidate.load = load;
  if (load === Infinity) shape.candidates.remove(candidate);
  else shape.candidates.place(candidate);
}
