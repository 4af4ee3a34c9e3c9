import { createRng, type Rng } from "../../src/base/rng.ts";
import type { Actor, Lane } from "./actor_state.ts";
import { DEFAULT_LIMITS, type SchedulerConfig, type SchedulerLimits } from "./config.ts";
import type { DurationStatistics } from "./duration_statistics.ts";
import type { Family } from "./families.ts";
import { type HeapItem, IndexedHeap } from "./indexed_heap.ts";
import { createDirectory, type ObjectDirectory } from "./object_directory.ts";
import type { ItemFlow } from "./item_flows.ts";
import type { ReadyQueue, RunQueue } from "./ready_queue.ts";
import type { TaskList } from "./task_list.ts";
import type { Affinity, AttemptId, TaskRecord, TaskState } from "./types.ts";

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
  shape: Shape;
  /** Whose share of the workers it counts to. */
  run: Run;
  /** How long tasks of its name last. */
  readonly durations: DurationStatistics;
  /** The tasks of `spec.dependencies`, in their order; once the task ended, only if its result may be computed again. */
  dependencies: readonly Task[];
  /** Unfinished tasks that read this one's result. */
  dependents: Set<Task> | undefined;
  /** Ended tasks that keep this one, to compute their results again. */
  lineageCount: number;
  /** It had succeeded, and runs again since its result was lost. */
  isRecomputed: boolean;
  /** Distinct dependencies that have not succeeded yet. */
  unmetCount: number;
  /** The live attempt; of two the older one. */
  attempt: Attempt | undefined;
  /** The second live attempt, which was made because the first is slow. */
  copy: Attempt | undefined;
  /** Grows with the time at which tasks became ready first; 0 before. Of calls: their client's numbers. */
  readySequence: number;
  /** The task whose live attempt submitted this one. */
  parent: Task | undefined;
  /** The tasks that its live attempt submitted and that are not forgotten. */
  children: Set<Task> | undefined;
  /** 0 for a task without a parent, else one more than that. */
  depth: number;
  /** All that the same first task led to; undefined for a task that neither has a parent nor ever had a child. */
  family: Family | undefined;
  /** When it became ready last, in whole milliseconds from its submission: small numbers take no memory of their own. */
  readyAfterMs: number;
  /** Nobody will ask for the outcome again. */
  isReleased: boolean;
  /** It came from a store and no attempt was made since: an attempt of an earlier head may claim it. */
  isAdoptable: boolean;
  /** The actor that it creates, if it does. */
  actor: Actor | undefined;
  /** Where it waits for its turn, if it is the call of an actor. */
  lane: Lane | undefined;
  /** Attempts that ended since their workers could not get its code ready. */
  unpreparedCount: number;
  /** What it waits for time to pass for. */
  timer: TaskTimer | undefined;
  /** The queue that it is in, while `ready`. */
  list: TaskList | undefined;
  /** Its neighbour towards the front of that queue. */
  previous: Task | undefined;
  /** Its neighbour towards the end of that queue. */
  next: Task | undefined;
  /** Its newest transitions, if stories are kept. */
  story: Transition[] | undefined;
}

/** The one moment at which something about a task changes by itself. */
export interface TaskTimer extends HeapItem {
  /** Whose. */
  readonly task: Task;
  /** `retry`: it is ready again · `start`: it fails unless it has started · `copy`: a second attempt is thought of ·
   * `forget`: nothing leads to it by its idempotency key any more. */
  readonly purpose: "retry" | "start" | "copy" | "forget";
  /** When. */
  readonly dueAtMs: number;
  /** Order of setting: breaks ties. */
  readonly sequence: number;
}

/** Unfinished tasks that share the workers with those of other runs. */
export interface Run {
  /** Its name. */
  readonly runId: string;
  /** What it gets in proportion to others. */
  weight: number;
  /** Unfinished tasks. */
  taskCount: number;
  /** Live attempts. */
  attemptCount: number;
  /** What the live attempts take, see `cost` of {@linkcode Shape}. */
  used: number;
  /** `used / weight`: of two runs with ready tasks, the one with less goes first. */
  share: number;
  /** Its ready tasks, by shape and priority. */
  readonly queues: Set<RunQueue>;
}

/** The tasks that name one idempotency key. */
export interface KeyHolder {
  /** The one that runs, or ran. */
  readonly owner: Task;
  /** Unfinished ones that wait for its outcome. */
  readonly followers: Set<Task>;
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
  /** The call that it was made for, also once it is stale; undefined for other tasks. */
  readonly call: Task | undefined;
  /** Whether its resources are reserved; else it queues at the worker behind the others. */
  isAdmitted: boolean;
  /** Whether the worker said that it runs, which may be later than it did. */
  isStarted: boolean;
  /** Whether the worker said that it gets its code ready. */
  isPreparing: boolean;
  /** Mean duration of its name when it was assigned; Infinity when unknown or once it proved wrong. */
  expectedMs: number;
  /** Whether it was asked back without having been cancelled. */
  isRecalled: boolean;
  /** Whether it runs and waits for tasks of its own: then nothing is reserved for it. */
  isBlocked: boolean;
  /** Whether its code refers to objects of its own. */
  holdsObjects: boolean;
  /** Whether it was blocked once: it took its resources again whoever had them. */
  wasBlocked: boolean;
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
  /** When what it still holds is taken back, while it is draining; Infinity: never. */
  drainDeadlineMs: number;
  /** Until when it is kept for the sake of objects that lie there alone, while it is draining; Infinity while nothing else
   * is the reason. */
  evacuateUntilMs: number;
  /** It gets nothing new until it has memory again. */
  isUnderPressure: boolean;
  /** It gets nothing new until then, as it could not get some code ready. */
  restsUntilMs: number | undefined;
  /** It was told to stop. */
  isReleased: boolean;
  /** Attempts whose resources are reserved, in order of assignment: the worker runs them or is about to. */
  readonly admitted: Map<AttemptId, Attempt>;
  /** Attempts that queue at the worker, in order of assignment. */
  readonly backlog: Map<AttemptId, Attempt>;
  /** Attempts of calls that actors of this worker were given, in order: they take no resources of their own. */
  readonly calls: Map<AttemptId, Attempt>;
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

/** All unfinished tasks that need the same amounts of the same resources, of the same workers. */
export interface Shape {
  /** What it needs as a text, equal for equal needs. */
  readonly key: string;
  /** The amounts that are not 0. */
  readonly amounts: readonly (readonly [name: string, amount: number])[];
  /** On which workers. */
  readonly affinity: Affinity | undefined;
  /** What an attempt counts in the share of its run: its cpus; if it takes none of them, 1; if nothing at all, 0. */
  readonly cost: number;
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
  /** Clients that are to be warned of that, each with one of its tasks. */
  readonly clientsToWarn: Map<string, string>;
  /** Clients that were warned of that. */
  readonly warnedClients: Set<string>;
}

/** All that the scheduler knows. Changed in place, by `step` and `restoreTasks` alone. */
export interface SchedulerState {
  /** The limits that hold. */
  readonly limits: SchedulerLimits;
  /** Which start of the head this is. */
  readonly epoch: number;
  /** Feeds the jitter of retries, and nothing else. */
  readonly rng: Rng;
  /** The time by which deadlines count: it never goes back, and does not pass while the head sleeps. */
  nowMs: number;
  /** The time that was told last, for people. */
  wallMs: number;
  /** How far the told time is ahead of `nowMs`: what the clock jumped, and what the head slept. */
  skippedMs: number;
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
  /** Unfinished tasks by the run that they belong to. */
  readonly runs: Map<string, Run>;
  /** Idempotency keys that known tasks name. */
  readonly keys: Map<string, KeyHolder>;
  /** Ended tasks that are known for the sake of their keys alone, the longest kept first. */
  readonly keptTasks: Set<Task>;
  /** Bytes of their payloads and results. */
  keptBytes: number;
  /** Tasks that wait for time to pass. */
  readonly timers: IndexedHeap<TaskTimer>;
  /** Timers that were set so far. */
  timerSequence: number;
  /** The workers by the time at which each is looked at. */
  readonly workerChecks: IndexedHeap<Worker>;
  /** Those that are draining. */
  readonly leavingWorkers: Set<Worker>;
  /** Living actors by the id of their creation. */
  readonly actors: Map<string, Actor>;
  /** Living actors that have a name. */
  readonly actorNames: Map<string, Actor>;
  /** Actors that may be given calls, or be recalled, at the end of this step. */
  readonly dueActors: Set<Actor>;
  /** Durations by task name. */
  readonly durations: Map<string, DurationStatistics>;
  /** Tasks whose parent is gone since this step began. */
  readonly orphans: Task[];
  /** Tasks by state. */
  readonly counts: Record<TaskState, number>;
  /** What tasks that give items have given, by their ids. */
  readonly flows: Map<string, ItemFlow>;
  /** Objects, and who refers to them. */
  readonly directory: ObjectDirectory;
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
    wallMs: -Infinity,
    skippedMs: 0,
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
    runs: new Map(),
    keys: new Map(),
    keptTasks: new Set(),
    keptBytes: 0,
    timers: new IndexedHeap((a, b) =>
      a.dueAtMs < b.dueAtMs || (a.dueAtMs === b.dueAtMs && a.sequence < b.sequence)
    ),
    timerSequence: 0,
    leavingWorkers: new Set(),
    workerChecks: new IndexedHeap((a, b) =>
      a.checkAtMs < b.checkAtMs || (a.checkAtMs === b.checkAtMs && a.ordinal < b.ordinal)
    ),
    actors: new Map(),
    actorNames: new Map(),
    dueActors: new Set(),
    durations: new Map(),
    orphans: [],
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
    flows: new Map(),
    directory: createDirectory(),
  };
}
