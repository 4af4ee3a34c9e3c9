import type { ObjectRef } from "../protocol/object_ref.ts";
import type { ClusterStatus } from "../protocol/status.ts";
import type { FunctionRef, Resources, RetryPolicy } from "../scheduler/types.ts";

export type { ObjectRef } from "../protocol/object_ref.ts";
export type { ClusterStatus, ExecutorStatus } from "../protocol/status.ts";

/** How a task is to be run; what is left out has the default named. */
export interface SubmitOptions {
  /** For people and statistics; default: the export's name. */
  readonly name?: string;
  /** Default: `{ cpus: 1 }`. */
  readonly resources?: Resources;
  /** Default: 0; higher goes first. */
  readonly priority?: number;
  /** Default: one attempt. */
  readonly retry?: RetryPolicy;
  /** Limit on each attempt; default: none. */
  readonly runTimeoutMs?: number;
  /** Aborting it cancels the task. */
  readonly signal?: AbortSignal;
}

/** A task that was submitted. Given as an argument of another task it arrives there as its result. */
export interface TaskHandle<R> {
  readonly taskId: string;
  /** @throws {TaskFailedError} when it failed · {TaskCancelledError} when it was cancelled */
  readonly result: Promise<R>;
  /** A queued task is dropped; a running one is killed. */
  cancel(): void;
}

/** A connection to a head. */
export interface ClusterClient extends AsyncDisposable {
  submit<R = unknown>(
    fn: FunctionRef,
    args: readonly unknown[],
    options?: SubmitOptions,
  ): TaskHandle<R>;
  /** Stores a value once; equal values have one reference. */
  put(value: unknown): Promise<ObjectRef>;
  get<T = unknown>(ref: ObjectRef): Promise<T>;
  status(): Promise<ClusterStatus>;
}

/** The function of a task failed; `message` is the one that was thrown, `stack` the remote one. */
export class TaskFailedError extends Error {
  override readonly name = "TaskFailedError";
  constructor(
    message: string,
    readonly kind: "thrown" | "crashed" | "timed_out" | "lost" | "dependency" | "unschedulable",
    /** The class name of what was thrown. */
    readonly causeName: string,
    readonly remoteStack: string | undefined,
  ) {
    super(message);
  }
}

/** The task was cancelled before it had a result. */
export class TaskCancelledError extends Error {
  override readonly name = "TaskCancelledError";
}
