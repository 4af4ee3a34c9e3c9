import type { ActorCommand, ActorEvent, ActorLife, ActorRole, Checkpoint } from "./actor_types.ts";
import type { ItemEvent, StreamResume } from "./item_types.ts";
import type { ObjectCommand, ObjectEvent, ObjectFetch, ObjectSize } from "./object_types.ts";

export type * from "./actor_types.ts";
export type * from "./item_types.ts";
export type { ObjectEvent, ObjectFetch, ObjectSize } from "./object_types.ts";

/** Names a function that a node can load: the URL of its module and the name under which it is exported. */
export interface FunctionRef {
  /** The URL of the module. */
  readonly module: string;
  /** The name of the export. */
  readonly exportName: string;
}

/** Amounts by name, for instance `{ cpus: 1, memoryBytes: 2e9 }`; fractions are allowed, labels are amounts of 1. */
export type Resources = Readonly<Record<string, number>>;

/** How often and when a task whose attempt failed is tried again. */
export interface RetryPolicy {
  /** Attempts that may fail, the first included; at least 1. Losing a node is not a failure of the task. */
  readonly maxAttempts: number;
  /** The delay before attempt k + 1 is drawn from [0, min(maxDelayMs, baseDelayMs · 2^(k − 1))] (full jitter). */
  /** The longest delay before the second attempt. */
  readonly baseDelayMs: number;
  /** The longest delay before any attempt. */
  readonly maxDelayMs: number;
  /** Which failures are tried again; all are when this is absent. */
  readonly retryOn?: RetryFilter;
}

/** Failures that are worth another attempt: those of one of the kinds, and those of one of the names. It is data and
 * not a function, so that the head can apply it while the client is away. */
export interface RetryFilter {
  /** For instance `["crashed", "timed_out"]`. */
  readonly kinds?: readonly ErrorKind[];
  /** Names of error classes, for instance `["ConnectionReset"]`. */
  readonly names?: readonly string[];
}

/** On which workers a task may run, or would best run. */
export interface Affinity {
  /** Ids of workers, any of which will do; absent: any. */
  readonly nodes?: readonly string[];
  /** Resources of which the worker must have some, all of them: a label is an amount of 1. */
  readonly labels?: readonly string[];
  /** `require`: nowhere else · `prefer`: elsewhere only when no such worker has room at once. */
  readonly mode: "require" | "prefer";
}

/** What a task asks for beyond the usual. What is absent asks for nothing. */
export interface TaskRules {
  /** Longest time from its submission to its first start; then it fails as `timed_out`. */
  readonly queueTimeoutMs?: number;
  /** Runs share the workers by their weights; default: the client's own run, of weight 1. */
  readonly run?: RunShare;
  /** Default: any worker. */
  readonly affinity?: Affinity;
  /** Whether a second attempt may be made while the first takes unusually long; the first to succeed counts. */
  readonly speculate?: boolean;
  /** Whether it fails at once when none of the known workers could ever hold it. */
  readonly failFast?: boolean;
  /** Makes equal calls one: a second one gets the outcome of the first. */
  readonly idempotency?: IdempotencyKey;
  /** Set for a task that gives items one by one. */
  readonly stream?: StreamResume;
  /** The archive of its code: kept like an argument, but nodes fetch it only when they do not have the code. */
  readonly code?: ObjectSize;
}

/** To which run a task belongs, and how much that run gets. */
export interface RunShare {
  /** Unique over all clients. */
  readonly runId: string;
  /** Above 0: of two busy runs the one of weight 2 gets twice the cpus. The newest task's weight holds for the run. */
  readonly weight: number;
}

/** A name for the effect of a call, by whoever makes it. */
export interface IdempotencyKey {
  /** The same for calls of which one is enough; unique over all clients. */
  readonly key: string;
  /** Stands for function and arguments: another one under the same key is refused. */
  readonly fingerprint: string;
}

/** What a client asks for. The scheduler never looks into `payload`: it goes to the worker as it came. */
export interface TaskSpec {
  /** Chosen by the client, so that a submission that is sent again is recognised. */
  readonly taskId: string;
  /** Who submitted it and is told how it ended. */
  readonly clientId: string;
  /** What the task does, for people and for statistics: tasks of one name are taken to last alike. */
  readonly name: string;
  /** What the worker needs to run it. */
  readonly payload: Uint8Array;
  /** Tasks whose results this one reads: it waits for them, and fails with them. */
  readonly dependencies: readonly string[];
  /** The objects among its arguments: they are kept while it may have to run. */
  readonly objects: readonly ObjectSize[];
  /** What it takes of a worker, from assignment to end. */
  readonly resources: Resources;
  /** Higher goes first; within one priority runs share, and within a run first come is first served. */
  readonly priority: number;
  /** What happens when an attempt fails. */
  readonly retry: RetryPolicy;
  /** Limit on one attempt's run, from its start; Infinity for none. */
  readonly runTimeoutMs: number;
  /** Whatever is unusual about it. */
  readonly rules?: TaskRules;
  /** Set for the creation of an actor and for a call of one. */
  readonly actor?: ActorRole;
  /** The attempt of another task whose code submitted this one; absent for what a client outside submitted. */
  readonly parent?: ParentAttempt;
}

/** The attempt that a task was submitted by, and is cancelled with unless it is detached. */
export interface ParentAttempt {
  readonly taskId: string;
  readonly attemptId: AttemptId;
  readonly isDetached: boolean;
}

/** Where a result is: its bytes when they are few, else the name of an object. */
export type ResultRef =
  | { readonly type: "inline"; readonly bytes: Uint8Array }
  | { readonly type: "stored"; readonly objectId: string; readonly sizeBytes: number };

/** What made an attempt or a task fail: `thrown` by the function · `crashed`: its process ended · `out_of_memory`: its
 * process had more than its limit, or more than there was · `refused`: the node's owner does not allow what it asks
 * for · `timed_out` · `lost`: too many nodes died under it · `dependency`: a task that it reads failed ·
 * `unschedulable`: no node can ever hold it · `actor_lost`: the call may have run when its actor's process was lost ·
 * `actor_dead`: its actor ended for good, or is not known · `unprepared`: nodes could not get its code ready ·
 * `interrupted`: its attempt was lost when items of it had arrived, and no other one may begin. */
export type ErrorKind =
  | "thrown"
  | "crashed"
  | "out_of_memory"
  | "refused"
  | "timed_out"
  | "lost"
  | "dependency"
  | "unschedulable"
  | "actor_lost"
  | "actor_dead"
  | "unprepared"
  | "interrupted";

/** Why an attempt or a task failed. */
export interface TaskError {
  /** What made it fail. */
  readonly kind: ErrorKind;
  /** The class of what was thrown, or what happened in one word. */
  readonly name: string;
  /** What happened, for people. */
  readonly message: string;
  /** The stack at the worker, if there is one. */
  readonly stack?: string;
  /** What else was thrown with it. */
  readonly details?: ErrorDetails;
  /** The attempt that failed, if it was one. */
  readonly place?: { readonly workerId: string; readonly attemptNumber: number };
}

/** What an Error carries besides its class, its message and its stack. */
export interface ErrorDetails {
  /** Its own properties, as far as they are plain data. */
  readonly properties?: Readonly<Record<string, unknown>>;
  /** What caused it. */
  readonly cause?: ThrownError;
  /** The errors of an AggregateError. */
  readonly errors?: readonly ThrownError[];
}

/** An Error as data. */
export interface ThrownError extends ErrorDetails {
  readonly name: string;
  readonly message: string;
  readonly stack: string;
}

/** How a task ended. */
export type TaskOutcome =
  | { readonly type: "succeeded"; readonly result: ResultRef }
  | { readonly type: "failed"; readonly error: TaskError }
  | { readonly type: "cancelled" };

/** Numbers an attempt uniquely over all starts of a head: the head's epoch × 2^32 + a counter. It fences: a result
 * is committed only when it carries the live attempt of its task. */
export type AttemptId = number;

/** What a worker that joins again still holds. */
export type HeldAttempt =
  | { readonly type: "running"; readonly taskId: string; readonly attemptId: AttemptId }
  /** It runs, and waits for tasks of its own. */
  | { readonly type: "blocked"; readonly taskId: string; readonly attemptId: AttemptId }
  /** The creation of an actor whose instance takes calls. */
  | { readonly type: "alive"; readonly taskId: string; readonly attemptId: AttemptId }
  | {
    readonly type: "finished";
    readonly taskId: string;
    readonly attemptId: AttemptId;
    readonly report: AttemptReport;
  };

/** What a worker says of an attempt that ended. A report of a call may carry the actor's state after it: both are
 * committed in one, so that no restart sees one without the other. */
export type AttemptReport =
  | EndReport
  | {
    readonly type: "checkpointed";
    readonly report: EndReport;
    readonly checkpoint: Checkpoint;
  };

/** How an attempt ended. `executorPid` is the process that had it; absent when none had. */
export type EndReport =
  | {
    readonly type: "succeeded";
    readonly result: ResultRef;
    readonly durationMs: number;
    readonly executorPid?: number;
  }
  | {
    readonly type: "failed";
    readonly error: TaskError;
    readonly durationMs: number;
    readonly executorPid?: number;
  }
  | { readonly type: "cancelled" }
  /** It could not be run, as objects that it reads could not be had. */
  | { readonly type: "starved"; readonly objectIds: readonly string[]; readonly message: string };

/** What happened, in the past tense. The shell stamps each batch with the time; nothing else is read from outside. */
export type SchedulerEvent =
  | { readonly type: "TasksSubmitted"; readonly specs: readonly TaskSpec[] }
  | { readonly type: "CancelRequested"; readonly taskIds: readonly string[] }
  /** The client has the outcomes and will not ask again: terminal tasks are forgotten once nothing depends on them. */
  | { readonly type: "TasksReleased"; readonly taskIds: readonly string[] }
  /** The client is gone for good: its unfinished tasks are cancelled, all of its tasks are released. */
  | { readonly type: "ClientLeft"; readonly clientId: string }
  /** A new worker, or a known one over a new connection, with whatever it still holds. */
  | {
    readonly type: "WorkerJoined";
    readonly workerId: string;
    readonly capacity: Resources;
    readonly held: readonly HeldAttempt[];
  }
  | { readonly type: "WorkerHeard"; readonly workerId: string }
  /** Its memory is nearly used up, or is not any more: until then it gets nothing new. */
  | {
    readonly type: "MemoryPressureChanged";
    readonly workerId: string;
    readonly isUnderPressure: boolean;
  }
  /** Its connection closed; it may come back within the grace. */
  | { readonly type: "WorkerDisconnected"; readonly workerId: string }
  /** It is known to be gone: its process ended, or its machine was taken away. */
  | { readonly type: "WorkerDied"; readonly workerId: string; readonly reason: string }
  /** It gets nothing new; it is told to stop once what it holds is done. */
  | {
    readonly type: "DrainRequested";
    readonly workerId: string;
    /** How long what it runs may go on; then that is taken back. Infinity: to its end. */
    readonly graceMs: number;
  }
  /** It waits for its code, which is being fetched and installed. */
  | {
    readonly type: "AttemptPreparing";
    readonly workerId: string;
    readonly taskId: string;
    readonly attemptId: AttemptId;
  }
  | {
    readonly type: "AttemptStarted";
    readonly workerId: string;
    readonly taskId: string;
    readonly attemptId: AttemptId;
  }
  | {
    readonly type: "AttemptEnded";
    readonly workerId: string;
    readonly taskId: string;
    readonly attemptId: AttemptId;
    readonly report: AttemptReport;
  }
  /** It waits for tasks of its own, and needs its resources only when it goes on. */
  | {
    readonly type: "AttemptBlocked";
    readonly workerId: string;
    readonly taskId: string;
    readonly attemptId: AttemptId;
  }
  /** It goes on, and has taken its resources again, whoever has them. */
  | {
    readonly type: "AttemptResumed";
    readonly workerId: string;
    readonly taskId: string;
    readonly attemptId: AttemptId;
  }
  | ActorEvent
  | ObjectEvent
  | ItemEvent
  /** Time passed: deadlines, silent workers and delayed retries are looked at. */
  | { readonly type: "Ticked" };

/** What the shell has to do, in this order: first all `SaveTask`, `SaveEnd`, `SaveActor` and `ForgetTask` in one
 * transaction, then the rest. */
export type SchedulerCommand =
  /** Store a task that is new. */
  | { readonly type: "SaveTask"; readonly task: TaskRecord }
  /** Store how a task ended that was saved before. */
  | { readonly type: "SaveEnd"; readonly task: TaskRecord }
  | { readonly type: "ForgetTask"; readonly taskId: string }
  | {
    readonly type: "StartAttempt";
    readonly workerId: string;
    readonly attemptId: AttemptId;
    readonly spec: TaskSpec;
    /** 1 for the first attempt, one more after each failure and each loss. */
    readonly attemptNumber: number;
    /** The results of `spec.dependencies`, in their order. */
    readonly inputs: readonly ResultRef[];
    /** The objects among arguments and inputs. */
    readonly objects: readonly ObjectFetch[];
  }
  /** The worker answers with `AttemptEnded`, whatever the reason: `cancelled`, or how the attempt had ended before. What
   * is `recalled` and has started runs on; but an actor that is recalled says its last state and ends. */
  | {
    readonly type: "CancelAttempt";
    readonly workerId: string;
    readonly taskId: string;
    readonly attemptId: AttemptId;
    readonly reason: "cancelled" | "timed_out" | "stale" | "recalled";
  }
  /** The worker may forget the attempt: it was committed, or it is stale. */
  | {
    readonly type: "AcknowledgeAttempt";
    readonly workerId: string;
    readonly attemptId: AttemptId;
  }
  | {
    readonly type: "TellClient";
    readonly clientId: string;
    readonly taskId: string;
    readonly outcome: TaskOutcome;
  }
  /** The task waits for a worker that is not there; once for many tasks alike. */
  | {
    readonly type: "WarnClient";
    readonly clientId: string;
    readonly taskId: string;
    readonly warning: string;
  }
  | ActorCommand
  /** Close its connection; a worker that was wrongly given up joins again as a new one. */
  | { readonly type: "DropWorker"; readonly workerId: string; readonly reason: string }
  /** A draining worker holds nothing more. */
  | { readonly type: "ReleaseWorker"; readonly workerId: string }
  | ObjectCommand;

/** `waiting` for dependencies · `ready` · `delayed` until a retry is due · `assigned` to a worker, where it may still
 * queue · `running` · and the three ends. A task whose node died is `ready` again, with `losses` one higher. */
export type TaskState =
  | "waiting"
  | "ready"
  | "delayed"
  | "assigned"
  | "running"
  | "succeeded"
  | "failed"
  | "cancelled";

/** All that the scheduler knows of a task. */
export interface TaskRecord {
  /** What the client asked for. The shell may put an equal one in its place, which keeps the payload elsewhere. */
  spec: TaskSpec;
  /** Where it stands. */
  state: TaskState;
  /** Attempts that failed so far. */
  failures: number;
  /** Attempts that went down with their node so far. */
  losses: number;
  /** How it ended; undefined before. */
  outcome: TaskOutcome | undefined;
  /** When it came. */
  submittedAtMs: number;
  /** When it ended; undefined before. */
  finishedAtMs: number | undefined;
  /** Of an actor's creation, once it was started. */
  life: ActorLife | undefined;
}
