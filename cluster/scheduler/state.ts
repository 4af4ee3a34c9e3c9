import { createRng, type Rng } from "../../src/base/rng.ts";
import { DEFAULT_LIMITS, type SchedulerConfig, type SchedulerLimits } from "./config.ts";
import type { DurationStatistics } from "./duration_statistics.ts";
import { type HeapItem, IndexedHeap } from "./indexed_heap.ts";
import type { ReadyQueue } from "./ready_queue.ts";
import type { TaskList } from "./task_list.ts";
import type { AttemptId, TaskRecord, TaskState } from "./types.ts";

/** A change of a task's state, for its story. */
export interface Transition {
  /** When, on the scheduler's clock. */
  readonly atMs: number;
  /** The state before. */
  readonly from: TaskState;
  /** The state after. */
  readonly to: TaskState;
  /** Why, for people. */
  readonly cause: string;
}

/** A task with its place in the scheduler. */
export interface Task extends HeapItem {
  /** What is stored of it and told to others. */
  readonly record: TaskRecord;
  /** What it needs. */
  readonly shape: Shape;
  /** How long tasks of its name last. */
  readonly durations: DurationStatistics;
  /** The tasks of `spec.dependencies`, in their order; empty once the task ended. */
  dependencies: readonly Task[];
  /** Unfinished tasks that read this one's result. */
  dependents: Set<Task> | undefined;
  /** Distinct dependencies that have not succeeded yet. */
  unmetCount: number;
  /** The live attempt. */
  attempt: Attempt | undefined;
  /** Grows with the time at which tasks became ready first; 0 before. */
  readySequence: number;
  /** Nobody will ask for the outcome again. */
  isReleased: boolean;
  /** It came from a store and no attempt was made since: an attempt of an earlier head may claim it. */
  isAdoptable: boolean;
  /** When the retry is due, while `delayed`. */
  dueAtMs: number;
  /** The queue that it is in, while `ready`. */
  list: TaskList | undefined;
  /** Its neighbour towards the front of that queue. */
  previous: Task | undefined;
  /** Its neighbour towards the end of that queue. */
  next: Task | undefined;
  /** Its newest transitions, if stories are kept. */
  story: Transition[] | undefined;
}

/** One try of a task on one worker, until the worker reports its end or is gone. */
export interface Attempt {
  /** Unique over all starts of the head. */
  readonly attemptId: AttemptId;
  /** The task that it was made for, also once it is stale. */
  readonly taskId: string;
  /** Where it is. */
  readonly worker: Worker;
  /** What it takes. */
  readonly shape: Shape;
  /** The task whose live attempt this is; undefined once it is stale: then nothing that it reports counts. */
  task: Task | undefined;
  /** Whether its resources are reserved; else it queues at the worker behind the others. */
  isAdmitted: boolean;
  /** Mean duration of its name when it was assigned; Infinity when unknown or once it proved wrong. */
  expectedMs: number;
  /** Whether it was asked back without having been cancelled. */
  isRecalled: boolean;
  /** When its resources were reserved. */
  admittedAtMs: number;
  /** When the worker is looked at for this attempt's sake; what happens then depends on what the attempt is. */
  deadlineMs: number;
}

/** A worker that is connected, or lost its connection a short time ago. */
export interface Worker extends HeapItem {
  /** Its name, the same whenever it joins again. */
  readonly workerId: string;
  /** Order of joining: breaks ties. */
  readonly ordinal: number;
  /** A small number that no other known worker has. */
  readonly slot: number;
  /** What it has in all, by resource. */
  capacity: ReadonlyMap<string, number>;
  /** Sum over admitted attempts. */
  readonly reserved: Map<string, number>;
  /** Whether it can be reached. */
  connection: "connected" | "suspected";
  /** When its connection closed, while `suspected`. */
  suspectedAtMs: number;
  /** When something was heard of it last. */
  lastHeardMs: number;
  /** It gets nothing new. */
  isDraining: boolean;
  /** It was told to stop. */
  isReleased: boolean;
  /** Attempts whose resources are reserved, in order of assignment: the worker runs them or is about to. */
  readonly admitted: Map<AttemptId, Attempt>;
  /** Attempts that queue at the worker, in order of assignment. */
  readonly backlog: Map<AttemptId, Attempt>;
  /** Sum of `expectedMs` over the backlog. */
  backlogMs: number;
  /** Admitted attempts that are expected to be short, by shape. */
  readonly shortCounts: Map<Shape, number>;
  /** The one shape that this worker is held free for. */
  reservedFor: Shape | undefined;
  /** The largest share of any resource that is reserved, 0 to 1. */
  load: number;
  /** When its deadlines are looked at next; may be too early, never too late. */
  checkAtMs: number;
}

/** A worker as a place for tasks of one shape. */
export interface Candidate extends HeapItem {
  /** The worker. */
  readonly worker: Worker;
  /** See `loadFor` in workers.ts: below 2 there is room now, from 2 on there is room in the backlog. */
  load: number;
}

/** All unfinished tasks that need the same amounts of the same resources. */
export interface Shape {
  /** The amounts as a text, equal for equal amounts. */
  readonly key: string;
  /** The amounts that are not 0. */
  readonly amounts: readonly (readonly [name: string, amount: number])[];
  /** Its ready tasks. */
  readonly queue: ReadyQueue;
  /** Unfinished tasks of this shape. */
  taskCount: number;
  /** Workers that have room, the least loaded first. */
  readonly candidates: IndexedHeap<Candidate>;
  /** By worker slot; a worker that could never hold this shape has none. */
  readonly candidateBySlot: (Candidate | undefined)[];
  /** Candidates that are not undefined. */
  holderCount: number;
  /** Since when lower ranked tasks overtake this shape's first one. */
  passedOverSinceMs: number | undefined;
  /** The worker that is held free for this shape. */
  reservedWorker: Worker | undefined;
  /** Since when tasks are ready that no known worker could hold. */
  unholdableSinceMs: number | undefined;
}

/** All that the scheduler knows. Changed in place, by `step` and `restoreTasks` alone. */
export interface SchedulerState {
  /** The limits that hold. */
  readonly limits: SchedulerLimits;
  /** Which start of the head this is. */
  readonly epoch: number;
  /** Feeds the jitter of retries, and nothing else. */
  readonly rng: Rng;
  /** The latest time that was told; it never goes back. */
  nowMs: number;
  /** Attempts that were numbered so far. */
  attemptCount: number;
  /** Tasks that became ready so far. */
  readySequence: number;
  /** Workers that joined so far. */
  workerOrdinal: number;
  /** Workers that are held free for a shape. */
  reservationCount: number;
  /** Until then nothing is assigned. */
  assignFromMs: number;
  /** All known tasks by id, in the order in which they came. */
  readonly tasks: Map<string, Task>;
  /** All known workers by id, in the order in which they joined. */
  readonly workers: Map<string, Worker>;
  /** Worker slots below the number of slots that nobody has. */
  readonly freeSlots: number[];
  /** All indexed shapes by key. */
  readonly shapes: Map<string, Shape>;
  /** Shapes without unfinished tasks, the longest idle first. */
  readonly idleShapes: Set<Shape>;
  /** Shapes with ready tasks. */
  readonly queuedShapes: Set<Shape>;
  /** Tasks whose retry is not due yet. */
  readonly delayed: IndexedHeap<Task>;
  /** The workers by the time at which each is looked at. */
  readonly workerChecks: IndexedHeap<Worker>;
  /** Durations by task name. */
  readonly durations: Map<string, DurationStatistics>;
  /** Tasks by state. */
  readonly counts: Record<TaskState, number>;
}

const MAX_EPOCH = 2 ** 21;

/** A scheduler without tasks and workers.
 * @throws {RangeError} if the epoch is not an integer from 0 to 2^21 − 1 */
export function createScheduler(config: SchedulerConfig): SchedulerState {
  if (!Number.isInteger(config.epoch) || config.epoch < 0 || config.epoch >= MAX_EPOCH) {
    throw new RangeError(
      `Cannot create a scheduler: epoch must be an integer from 0 to ${
        MAX_EPOCH - 1
      }, it is ${config.epoch}`,
    );
  }
  const { epoch, seed, ...limits } = config;
  return {
    limits: { ...DEFAULT_LIMITS, ...limits },
    epoch,
    rng: createRng(seed),
    nowMs: -Infinity,
    attemptCount: 0,
    readySequence: 0,
    workerOrdinal: 0,
    reservationCount: 0,
    assignFromMs: -Infinity,
    tasks: new Map(),
    workers: new Map(),
    freeSlots: [],
    shapes: new Map(),
    idleShapes: new Set(),
    queuedShapes: new Set(),
    delayed: new IndexedHeap((a, b) =>
      a.dueAtMs < b.dueAtMs || (a.dueAtMs === b.dueAtMs && a.readySequence < b.readySequence)
    ),
    workerChecks: new IndexedHeap((a, b) =>
      a.checkAtMs < b.checkAtMs || (a.checkAtMs === b.checkAtMs && a.ordinal < b.ordinal)
    ),
    durations: new Map(),
    counts: {
      waiting: 0,
      ready: 0,
      delayed: 0,
      assigned: 0,
      running: 0,
      succeeded: 0,
      failed: 0,
      cancelled: 0,
    },
  };
}
