import { FAILURE_CODES } from "./failure_codes.ts";
import type { ObjectRef } from "../protocol/object_ref.ts";
import type { TaskPermissions } from "../protocol/task_permissions.ts";
import type { ClusterStatus } from "../protocol/status.ts";
import type { ErrorKind, FunctionRef, Resources, RetryPolicy } from "../scheduler/types.ts";
import type { ActorHandle, ActorOptions, ActorRef } from "./actor_types.ts";
import type { GatheredResults } from "./gather.ts";
import type { MapOptions, MapOutcome } from "./map.ts";
import type { StreamOptions } from "./stream.ts";
import type { RemoteArguments, RemoteFunction } from "./remote.ts";
import type { RuleOptions } from "./task_rules.ts";

export type { ObjectRef } from "../protocol/object_ref.ts";
export type { ActorView } from "../scheduler/types.ts";
export type { ClusterStatus, ExecutorStatus } from "../protocol/status.ts";

/** How a task is to be run; what is left out has the default named. */
export interface SubmitOptions extends RuleOptions {
  /** For people and statistics; default: the export's name. */
  readonly name?: string;
  /** Default: `{ cpus: 1 }`. With `memoryBytes` the task may have so much memory of its own, and fails as
   * `out_of_memory` when it has more; files that it maps do not count. */
  readonly resources?: Resources;
  /** What its process may do; default: read everything, write where the node's owner says, no network. */
  readonly permissions?: TaskPermissions;
  /** Higher goes first; default: 0, within a task that task's own and a little more. */
  readonly priority?: number;
  /** Default: one attempt. */
  readonly retry?: RetryPolicy;
  /** Limit on each attempt; default: none. */
  readonly runTimeoutMs?: number;
  /** Of a task that a task submits: it runs on when that one has ended; default: false. */
  readonly isDetached?: boolean;
  /** Aborting it cancels the task. */
  readonly signal?: AbortSignal;
}

/** How a value is stored. */
export interface PutOptions {
  /** Whether it lives on when its client has gone and the head was started again, until it is unpinned; default: false. */
  readonly pinned?: boolean;
}

/** A task that was submitted. Given as an argument of another task it arrives there as its result. */
export interface TaskHandle<R> {
  /** Unique over all clients. */
  readonly taskId: string;
  /** The result, once it is there. A large one stays with the node that made it until this is asked for: a handle that is
   * only passed on to other tasks moves no data here.
   * @throws {TaskFailedError} when it failed · {TaskCancelledError} when it was cancelled */
  readonly result: Promise<R>;
  /** A queued task is dropped; a running one is killed. */
  cancel(): void;
}

/** A connection to a head. */
export interface ClusterClient extends AsyncDisposable {
  /** Hands a task to the head; returns at once. An argument over 100 KiB, and a dataframe of any size, is stored as an
   * object, as it is in this moment, and released when the task has ended.
   * @throws {TypeError} for an argument that has no encoding · {RangeError} when all small ones together are over
   * 8 MiB */
  submit<A extends readonly unknown[], R>(
    fn: RemoteFunction<A, R>,
    args: RemoteArguments<NoInfer<A>>,
    options?: SubmitOptions,
  ): TaskHandle<R>;
  /** The same for a function that is named without its types. */
  submit<R = unknown>(
    fn: FunctionRef,
    args: readonly unknown[],
    options?: SubmitOptions,
  ): TaskHandle<R>;
  /** Calls a function for each input, which may come from an async iterable: so many at a time that the cluster is busy,
   * and no more than the consumer takes. Leaving the iteration cancels what is under way.
   * @returns the results, in the order of the inputs or as they come; with `onError: "settle"` {@linkcode MapOutcome}s
   * @throws {TaskFailedError} of the first task that failed */
  map<I, R>(
    fn: RemoteFunction<[I], R>,
    inputs: Iterable<NoInfer<I>> | AsyncIterable<NoInfer<I>>,
    options: MapOptions & { readonly onError: "settle" },
  ): AsyncGenerator<MapOutcome<R>, void, undefined>;
  /** The same, with results alone. */
  map<I, R>(
    fn: RemoteFunction<[I], R>,
    inputs: Iterable<NoInfer<I>> | AsyncIterable<NoInfer<I>>,
    options?: MapOptions,
  ): AsyncGenerator<R, void, undefined>;
  /** The items of a task whose function is a generator, as they come; the task is no more than a window ahead. Leaving
   * the iteration cancels the task. What the function throws comes after the items before it.
   * @throws {TaskFailedError}; when it may begin anew in the middle, see `resumeStream` */
  stream<A extends readonly unknown[], T>(
    fn: RemoteFunction<A, AsyncIterable<T> | Iterable<T>>,
    args: RemoteArguments<NoInfer<A>>,
    options?: StreamOptions,
  ): AsyncGenerator<T, void, undefined>;
  /** The results of all handles; the first failure cancels the others. */
  gather<H extends readonly TaskHandle<unknown>[]>(
    handles: readonly [...H],
  ): Promise<GatheredResults<H>>;
  /** Creates an actor: an instance of an exported class, or what an exported function returns, living on one worker and
   * keeping its state between calls. Returns at once; calls wait until it is there.
   * @throws {TypeError} for an argument that has no encoding */
  actor<T>(fn: FunctionRef, args: readonly unknown[], options?: ActorOptions): ActorHandle<T>;
  /** The living actor of a name. Of `options` those count that are about calls.
   * @throws {ActorDeadError} when there is none */
  namedActor<T>(name: string, options?: ActorOptions): Promise<ActorHandle<T>>;
  /** A handle of an actor that was passed as plain data. */
  actorOf<T>(ref: ActorRef, options?: ActorOptions): ActorHandle<T>;
  /** Stores a value: plain data, typed arrays, or a dataframe of nodejs-polars by itself. Equal values are stored once.
   * It is kept until this client released the reference, cannot reach it any more, or has left; a copy of a reference
   * does not count. Until the promise resolves the value must not be changed.
   * @throws {TypeError} for what has no encoding */
  put(value: unknown, options?: PutOptions): Promise<ObjectRef>;
  /** The value of a reference. Large arrays in it are views of memory that the node's processes share; writing into them
   * changes nothing for others.
   * @throws {ObjectLostError} when no node has it any more */
  get<T = unknown>(ref: ObjectRef): Promise<T>;
  /** Gives back a reference that `put` made, or a task whose result nobody has asked for: what nothing refers to is
   * deleted on all nodes after a few seconds. */
  release(kept: ObjectRef | TaskHandle<unknown>): void;
  /** Ends what `put(value, { pinned: true })` began. */
  unpin(ref: ObjectRef): void;
  /** Asks the head, and through it every connected worker, for fresh numbers. */
  status(): Promise<ClusterStatus>;
}

/** A task failed. `message` says which one, where and why; `cause` is what its function threw, made anew from its class
 * name, message, stack, causes and plain properties. */
export class TaskFailedError extends Error {
  /** Tells it from other errors. */
  override readonly name = "TaskFailedError";
  /** What it is called in src/ERRORS.md. */
  readonly code: string;
  /** Why, without the task and the place. */
  readonly reason: string;
  /** Made by the client from what the head tells. */
  constructor(
    message: string,
    /** What made it fail. */
    readonly kind: ErrorKind,
    /** The class name of what was thrown. */
    readonly causeName: string,
    /** Where it was thrown on the worker, with its causes. */
    readonly remoteStack: string | undefined,
    details: { readonly reason?: string; readonly cause?: Error } = {},
  ) {
    super(message, { cause: details.cause });
    this.code = FAILURE_CODES[kind];
    this.reason = details.reason ?? message;
  }
}

/** The task was cancelled before it had a result. */
export class TaskCancelledError extends Error {
  /** Tells it from other errors. */
  override readonly name = "TaskCancelledError";
  /** What it is called in src/ERRORS.md. */
  readonly code = "task/cancelled";
}

/** No node has an object any more, and it cannot be computed again. */
export class ObjectLostError extends Error {
  /** Tells it from other errors. */
  override readonly name = "ObjectLostError";
  /** What it is called in src/ERRORS.md. */
  readonly code = "object/lost";
  /** Made by the client from what the head tells; the message names the node that had the last copy. */
  constructor(
    /** The 64 hexadecimal digits of its hash. */
    readonly objectId: string,
    message: string,
  ) {
    super(message);
  }
}
