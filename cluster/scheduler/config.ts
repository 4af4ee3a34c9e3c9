/** The named limits of the scheduler; every one has a default. */
export interface SchedulerLimits {
  /** How long a worker whose connection closed may take to come back before its attempts are lost. */
  readonly reconnectGraceMs: number;
  /** A connected worker of which nothing was heard for so long is given up. */
  readonly silentAfterMs: number;
  /** A task may go down with its node so often; once more and it fails as `lost`. */
  readonly maxLosses: number;
  /** Work that may queue at a worker behind each short running attempt, by mean durations. */
  readonly prefetchTargetMs: number;
  /** Attempts that may queue at a worker behind each short running attempt. */
  readonly maxPrefetch: number;
  /** A queued attempt that waited so long at its worker is asked back, as what runs before it is not short after all. */
  readonly recallAfterMs: number;
  /** An attempt that has its resources must be reported as started within this time, else it is lost. */
  readonly startDeadlineMs: number;
  /** An attempt whose worker prepares its code must be reported as started within this time, else it is lost. */
  readonly prepareDeadlineMs: number;
  /** A worker that could not get some code ready gets nothing new for so long. */
  readonly unpreparedRestMs: number;
  /** A task fails as `unprepared` when this many of its attempts ended since their workers could not get its code ready. */
  readonly maxUnprepared: number;
  /** A worker must report the end of an attempt that it was told to cancel within this time, else it is given up. */
  readonly endDeadlineMs: number;
  /** A shape that lower ranked tasks overtook for so long gets a worker held free for it. */
  readonly reserveAfterMs: number;
  /** After a restart of the head nothing is assigned for so long, so that workers can claim what they still run. */
  readonly restoreHoldMs: number;
  /** Attempts that one worker runs at once, whatever their resources. */
  readonly maxAttemptsPerWorker: number;
  /** Tasks within tasks within tasks: each level that waits keeps a process. */
  readonly maxTaskDepth: number;
  /** Unfinished tasks that one task from outside may have led to, at any depth, itself included. */
  readonly maxFamilySize: number;
  /** Calls that one actor may have at its worker, running ones included; or its `maxConcurrency`, if that is more. */
  readonly maxCallsInFlight: number;
  /** An actor whose calls at its worker have so many bytes of arguments gets no more. */
  readonly maxCallBytesInFlight: number;
  /** Task names whose mean duration is remembered; past it the oldest name is dropped. */
  readonly maxDurationNames: number;
  /** Shapes that no unfinished task has, kept indexed for the next one. */
  readonly maxIdleShapes: number;
  /** Whether ready tasks fail as `unschedulable` when no known worker could ever hold them; else they wait. */
  readonly failUnschedulable: boolean;
  /** How long no known worker could hold a shape before the clients that wait are warned. */
  readonly warnUnholdableAfterMs: number;
  /** How long no known worker could hold a shape before its ready tasks fail, under `failUnschedulable`. */
  readonly unschedulableAfterMs: number;
  /** A second attempt is thought of when the first runs longer than so many times the mean of its name. */
  readonly speculateFactor: number;
  /** A second attempt is never thought of sooner than this after the first began. */
  readonly speculateAfterMs: number;
  /** How often a task that takes unusually long is looked at again, when no worker idles or no mean is known. */
  readonly speculateRecheckMs: number;
  /** How long after its release an ended task is kept for its idempotency key; after a restart of the head, anew. */
  readonly keyRetentionMs: number;
  /** Ended tasks that are known for the sake of their idempotency keys alone. */
  readonly maxKeptKeys: number;
  /** Bytes of their payloads and inline results. */
  readonly maxKeptBytes: number;
  /** An object that nobody refers to is deleted after so long. */
  readonly objectGraceMs: number;
  /** What such objects may take together, in bytes: past it the oldest are deleted after `crowdedGraceMs`. */
  readonly maxUnneededBytes: number;
  readonly crowdedGraceMs: number;
  /** A draining worker that holds nothing else is kept for so long until its objects are at the head. */
  readonly evacuationMs: number;
  /** After a restart of the head, how long objects that are needed may take to come back with their workers. */
  readonly objectsReturnMs: number;
  /** After a restart of the head nothing is deleted for so long, until all who may refer to an object came back. */
  readonly clientsReturnMs: number;
  /** Ended tasks that are kept to compute results again, counted once per task that read them; past it results are
   * kept without their lineage. */
  readonly maxLineage: number;
  /** A task that reads so much goes to the worker that has most of it, among those with room. */
  readonly localInputBytes: number;
  /** A task whose inputs could not be had waits so long before it is tried again, times its losses. */
  readonly starvedDelayMs: number;
  /** Transitions remembered per task for its story; 0 for none, the fastest. */
  readonly storyLength: number;
}

/** What a scheduler starts from: `epoch` counts the starts of the head (an integer ≥ 0, below 2^21), `seed` feeds the
 * jitter of retries. Limits that are left out have their default. */
export type SchedulerConfig =
  & { readonly epoch: number; readonly seed: number }
  & Partial<
    SchedulerLimits
  >;

/** The limits that hold where a {@linkcode SchedulerConfig} says nothing else. */
export const DEFAULT_LIMITS: SchedulerLimits = {
  reconnectGraceMs: 2_000,
  silentAfterMs: 10_000,
  maxLosses: 10,
  prefetchTargetMs: 20,
  maxPrefetch: 256,
  recallAfterMs: 1_000,
  startDeadlineMs: 60_000,
  prepareDeadlineMs: 600_000,
  unpreparedRestMs: 5_000,
  maxUnprepared: 3,
  endDeadlineMs: 30_000,
  reserveAfterMs: 5_000,
  restoreHoldMs: 2_000,
  maxAttemptsPerWorker: 4_096,
  maxTaskDepth: 64,
  maxFamilySize: 100_000,
  maxCallsInFlight: 64,
  maxCallBytesInFlight: 4 * 1024 * 1024,
  maxDurationNames: 1_000,
  maxIdleShapes: 32,
  failUnschedulable: false,
  warnUnholdableAfterMs: 1_000,
  unschedulableAfterMs: 5_000,
  speculateFactor: 3,
  speculateAfterMs: 100,
  speculateRecheckMs: 1_000,
  keyRetentionMs: 24 * 3_600_000,
  maxKeptKeys: 10_000,
  maxKeptBytes: 256 * 1024 * 1024,
  objectGraceMs: 5_000,
  maxUnneededBytes: 256 * 1024 * 1024,
  crowdedGraceMs: 250,
  evacuationMs: 60_000,
  objectsReturnMs: 10_000,
  clientsReturnMs: 60_000,
  maxLineage: 100_000,
  localInputBytes: 1024 * 1024,
  starvedDelayMs: 200,
  storyLength: 0,
};
