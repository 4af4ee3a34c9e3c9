import { checkActors } from "./actor_invariants.ts";
import { followsKey, ownsKey } from "./idempotency.ts";
import { checkObjects } from "./object_invariants.ts";
import { checkRules } from "./rule_invariants.ts";
import type { Family } from "./families.ts";
import { isLive } from "./children.ts";
import type { Attempt, SchedulerState, Shape, Task, Worker } from "./state.ts";
import { isTerminal, taskStory } from "./task_state.ts";
import type { TaskState } from "./types.ts";
import { attemptsOf, canEverHold, isOpen } from "./workers.ts";

const ROUNDING = 1e-6;

/** Checks what must hold after every step, from scratch; costs O(tasks + attempts + shapes × workers).
 * @throws {Error} that names the broken invariant, with the task's story */
export function checkInvariants(state: SchedulerState): void {
  checkTasks(state);
  checkWorkers(state);
  checkShapes(state);
  checkRules(state);
  checkActors(state);
  checkObjects(state);
}

function checkTasks(state: SchedulerState): void {
  const counts: Record<TaskState, number> = {
    waiting: 0,
    ready: 0,
    delayed: 0,
    assigned: 0,
    running: 0,
    succeeded: 0,
    failed: 0,
    cancelled: 0,
  };
  const unfinishedByShape = new Map<Shape, number>();
  const unfinishedByFamily = new Map<Family, number>();
  for (const task of state.tasks.values()) {
    counts[task.record.state]++;
    checkPlace(state, task);
    checkDependencies(state, task);
    checkChildren(state, task);
    if (task.family !== undefined) {
      const before = unfinishedByFamily.get(task.family) ?? 0;
      unfinishedByFamily.set(task.family, before + (isTerminal(task.record.state) ? 0 : 1));
    }
    if (isTerminal(task.record.state)) continue;
    unfinishedByShape.set(task.shape, (unfinishedByShape.get(task.shape) ?? 0) + 1);
  }
  for (const name of Object.keys(counts) as TaskState[]) {
    if (counts[name] !== state.counts[name]) {
      throw new Error(
        `Broken invariant: ${counts[name]} tasks are ${name}, the counter says ${
          state.counts[name]
        }`,
      );
    }
  }
  checkFamilies(unfinishedByFamily);
  for (const shape of state.shapes.values()) {
    const unfinished = unfinishedByShape.get(shape) ?? 0;
    if (shape.taskCount !== unfinished) {
      throw new Error(
        `Broken invariant: shape ${shape.key} has ${unfinished} unfinished tasks, it says ${shape.taskCount}`,
      );
    }
  }
}

function checkFamilies(families: ReadonlyMap<Family, number>): void {
  for (const [{ founder, unfinishedCount }, unfinished] of families) {
    if (unfinishedCount === unfinished) continue;
    throw new Error(
      `Broken invariant: the family of ${founder} has ${unfinished} unfinished tasks, it says ${unfinishedCount}`,
    );
  }
}

function checkPlace(state: SchedulerState, task: Task): void {
  const { state: name, outcome } = task.record;
  const isPlaced = name === "assigned" || name === "running";
  expectOf(
    state,
    task,
    isPlaced === (task.attempt !== undefined),
    "it has a live attempt exactly while placed",
  );
  expectOf(
    state,
    task,
    (name === "ready") === (task.list !== undefined || isReadyCall(task)),
    "it is queued exactly while ready",
  );
  expectOf(
    state,
    task,
    isTerminal(name) === (outcome !== undefined),
    "it has an outcome exactly once it ended",
  );
  expectOf(state, task, outcome === undefined || outcome.type === name, "its outcome is its state");
  const { attempt } = task;
  if (attempt !== undefined) {
    expectOf(state, task, attempt.task === task, "its live attempt is its own");
    expectOf(
      state,
      task,
      state.workers.get(attempt.worker.workerId) === attempt.worker,
      "its attempt is on a known worker",
    );
    expectOf(
      state,
      task,
      attemptsOf(attempt.worker).includes(attempt),
      "its worker holds its attempt",
    );
  }
  if (isTerminal(name)) {
    const isNeeded = (task.dependents?.size ?? 0) > 0 || task.lineageCount > 0;
    expectOf(
      state,
      task,
      !task.isReleased || isNeeded || ownsKey(state, task),
      "it is forgotten once it ended and nobody needs it",
    );
  } else {
    expectOf(state, task, state.shapes.get(task.shape.key) === task.shape, "its shape is indexed");
  }
}

/** Children belong to the live attempt; after a restart of the head, to the one that may still be claimed. */
function checkChildren(state: SchedulerState, task: Task): void {
  const { parent } = task;
  if (parent !== undefined) {
    expectOf(state, task, parent.children?.has(task) === true, "its parent knows of it");
    expectOf(state, task, state.tasks.get(parent.record.spec.taskId) === parent, "it has a parent");
  }
  for (const child of task.children ?? []) {
    expectOf(state, child, child.parent === task, "it is its parent's own");
    expectOf(
      state,
      child,
      task.isAdoptable || isLive(task, child.record.spec.parent?.attemptId ?? -1),
      "it goes with the attempt that submitted it",
    );
  }
}

function isReadyCall({ lane, heapPosition }: Task): boolean {
  return lane?.ready.values()[heapPosition] !== undefined;
}

function checkDependencies(state: SchedulerState, task: Task): void {
  let unmet = followsKey(state, task) ? 1 : 0;
  for (const dependency of new Set(task.dependencies)) {
    const isKnown = state.tasks.get(dependency.record.spec.taskId) === dependency;
    expectOf(state, task, isKnown, "its dependencies are kept");
    const isKnownThere = isTerminal(task.record.state)
      ? dependency.lineageCount > 0
      : dependency.dependents?.has(task) === true;
    expectOf(state, task, isKnownThere, "its dependencies know of it");
    if (dependency.record.state !== "succeeded") unmet++;
  }
  expectOf(
    state,
    task,
    isTerminal(task.record.state) || unmet === task.unmetCount,
    "it counts its dependencies",
  );
  expectOf(
    state,
    task,
    (task.record.state === "waiting") === (unmet > 0) ||
      // What runs has its inputs, whatever becomes of them.
      task.record.state === "running" || isTerminal(task.record.state),
    "it waits exactly while one is unmet",
  );
  for (const dependent of task.dependents ?? []) {
    expectOf(
      state,
      dependent,
      !isTerminal(dependent.record.state),
      "only unfinished tasks depend on others",
    );
  }
}

function checkWorkers(state: SchedulerState): void {
  const slots = new Set<number>();
  let reservations = 0;
  for (const worker of state.workers.values()) {
    slots.add(worker.slot);
    if (worker.reservedFor !== undefined) {
      reservations++;
      expectAt(worker, worker.reservedFor.reservedWorker === worker, "its reservation is mutual");
    }
    const usedByOthers = usedOf(worker, (attempt) => !attempt.wasBlocked);
    for (const [name, amount] of usedOf(worker)) {
      const capacity = worker.capacity.get(name) ?? 0;
      const reserved = worker.reserved.get(name) ?? 0;
      const others = usedByOthers.get(name) ?? 0;
      expectAt(
        worker,
        others <= capacity * (1 + ROUNDING),
        `${name} is oversubscribed by what went on after it was blocked alone`,
      );
      expectAt(worker, Math.abs(reserved - amount) <= ROUNDING * capacity, `${name} adds up`);
    }
    for (const attempt of attemptsOf(worker)) checkAttempt(state, worker, attempt);
    expectAt(worker, worker.heapPosition >= 0, "it has a timer");
    expectAt(
      worker,
      state.leavingWorkers.has(worker) === worker.isDraining,
      "it leaves if drained",
    );
    expectAt(
      worker,
      worker.connection === "suspected" ||
        worker.checkAtMs <= Math.max(worker.drainDeadlineMs, state.nowMs),
      "it is looked at before the end of its drain",
    );
    expectAt(
      worker,
      worker.isDraining || worker.drainDeadlineMs === Infinity,
      "only a drain has an end",
    );
    const restEndsMs = worker.restsUntilMs ?? Infinity;
    expectAt(
      worker,
      worker.connection === "suspected" || worker.checkAtMs <= Math.max(restEndsMs, state.nowMs),
      "it is looked at when its rest ends",
    );
    const next = worker.backlog.values().next().value;
    expectAt(worker, next === undefined || !hasRoom(worker, next.shape), "its backlog is blocked");
  }
  if (state.orphans.length > 0) throw new Error("Broken invariant: orphans are left after a step");
  const areSlotsOwn = slots.size === state.workers.size;
  if (!areSlotsOwn) throw new Error("Broken invariant: two workers have the same slot");
  if (reservations !== state.reservationCount) {
    throw new Error(
      `Broken invariant: ${reservations} workers are reserved, the counter says ${state.reservationCount}`,
    );
  }
}

function checkAttempt(state: SchedulerState, worker: Worker, attempt: Attempt): void {
  expectAt(worker, attempt.worker === worker, `attempt ${attempt.attemptId} is its own`);
  expectAt(
    worker,
    worker.connection === "suspected" ||
      worker.checkAtMs <= Math.max(attempt.deadlineMs, state.nowMs),
    `it is looked at before the deadline of attempt ${attempt.attemptId}`,
  );
  const { task } = attempt;
  if (task === undefined) return;
  const isOfTask = task.attempt === attempt || task.copy === attempt;
  expectOf(state, task, isOfTask, "its worker's live attempt is its live attempt");
}

/** No task is ready while a worker that it fits on idles. */
function checkShapes(state: SchedulerState): void {
  for (const shape of state.shapes.values()) {
    const isQueued = shape.queue.size > 0;
    if (isQueued !== state.queuedShapes.has(shape)) {
      throw new Error(
        `Broken invariant: shape ${shape.key} is listed as queued exactly while it is`,
      );
    }
    let holders = 0;
    for (const worker of state.workers.values()) {
      if (canEverHold(worker, shape)) holders++;
      const task = shape.queue.peek();
      if (task === undefined || state.nowMs < state.assignFromMs) continue;
      const mayTake = isOpen(worker) && worker.backlog.size === 0 &&
        (worker.reservedFor === undefined || worker.reservedFor === shape) &&
        worker.admitted.size < state.limits.maxAttemptsPerWorker;
      expectOf(
        state,
        task,
        !mayTake || !canEverHold(worker, shape) || !hasRoom(worker, shape),
        `it does not wait while worker ${worker.workerId} has room`,
      );
    }
    if (holders !== shape.holderCount) {
      throw new Error(
        `Broken invariant: ${holders} workers can hold shape ${shape.key}, it says ${shape.holderCount}`,
      );
    }
    if (isQueued && (holders === 0) !== (shape.unholdableSinceMs !== undefined)) {
      throw new Error(`Broken invariant: shape ${shape.key} knows whether a worker can hold it`);
    }
  }
}

/** The amounts that admitted attempts take, summed anew. */
function usedOf(
  worker: Worker,
  counts: (attempt: Attempt) => boolean = () => true,
): Map<string, number> {
  const used = new Map<string, number>();
  for (const attempt of worker.admitted.values()) {
    if (attempt.isBlocked || !counts(attempt)) continue;
    for (const [name, amount] of attempt.shape.amounts) {
      used.set(name, (used.get(name) ?? 0) + amount);
    }
  }
  return used;
}

function hasRoom(worker: Worker, shape: Shape): boolean {
  const used = usedOf(worker);
  return shape.amounts.every(([name, amount]) =>
    (used.get(name) ?? 0) + amount <= (worker.capacity.get(name) ?? 0)
  );
}

function expectOf(state: SchedulerState, task: Task, holds: boolean, what: string): void {
  if (!holds) throw new Error(`Broken invariant of a task: ${what}\n${taskStory(state, task)}`);
}

function expectAt(worker: Worker, holds: boolean, what: string): void {
  if (!holds) throw new Error(`Broken invariant of worker ${worker.workerId}: ${what}`);
}
