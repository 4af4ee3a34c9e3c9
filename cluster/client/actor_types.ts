import type { ObjectRef } from "../protocol/object_ref.ts";
import type { Resources } from "../scheduler/types.ts";
import type { TaskHandle } from "./types.ts";

/** How an actor is to live; what is left out has the default named. */
export interface ActorOptions {
  /** Under which `namedActor` finds it; unique among the living, else the creation fails. Default: none. */
  readonly name?: string;
  /** What it takes of its worker for as long as it lives. Default: nothing, as most actors wait more than they work; one
   * that computes names its cpus. */
  readonly resources?: Resources;
  /** `owned` ends with the client that created it, `detached` when it is terminated. Default: owned. */
  readonly lifetime?: "owned" | "detached";
  /** How often it is constructed again when its process or its node is lost; Infinity for always. Default: 0. */
  readonly maxRestarts?: number;
  /** Longest time that its constructor and `restore` may take; default: none. */
  readonly constructTimeoutMs?: number;
  /** Calls that it works on at once. With 1 each client's calls run strictly in its order; with more, methods that wait
   * let others go on, in no promised order. Default: 1. */
  readonly maxConcurrency?: number;
  /** How often a call that may have run when the process was lost is tried again. Default: 0, then it fails with
   * {@linkcode ActorLostError}. */
  readonly callRetries?: number;
  /** Longest time that a call may run; one that takes longer costs the actor its process. Default: none. */
  readonly callTimeoutMs?: number;
  /** After so many calls its method `checkpoint()` is asked for its state, a plain value, which is stored with the result
   * of the call; after a restart `restore(state)` gets the newest one. With 1 and a `maxConcurrency` of 1, every call
   * that succeeded is in the state exactly once, however often the actor was lost. Default: 0, never. */
  readonly checkpointEveryCalls?: number;
}

/** What differs for one call. */
export interface CallOptions {
  /** Default: the actor's `callRetries`. */
  readonly retries?: number;
  /** Default: the actor's `callTimeoutMs`. */
  readonly runTimeoutMs?: number;
  /** Aborting it drops the call if it has not begun; one that has runs to its end, for nothing. */
  readonly signal?: AbortSignal;
}

/** An actor as plain data, to be passed to tasks: there, `currentClient().actorOf(ref)` makes a handle of it. */
export interface ActorRef {
  /** The id of its creation. */
  readonly $actor: string;
  /** For people. */
  readonly name: string;
}

/** The names of an instance's methods. */
export type MethodName<T> =
  & {
    [K in keyof T]: T[K] extends (...args: never[]) => unknown ? K : never;
  }[keyof T]
  & string;

/** The arguments of a method, each of which may be the name of its value: an object, or a task. */
export type CallArguments<M> = M extends (...args: infer A) => unknown
  ? { readonly [I in keyof A]: A[I] | ObjectRef | TaskHandle<A[I]> }
  : never;

/** What a method returns, once it is there. */
export type CallResult<M> = M extends (...args: never[]) => infer R ? Awaited<R> : never;

/** The methods of an actor, as promises. */
export type ActorMethods<T> = {
  readonly [K in MethodName<T>]: (...args: CallArguments<T[K]>) => Promise<CallResult<T[K]>>;
};

/** An actor: an instance that lives on one worker and keeps its state between calls. */
export interface ActorHandle<T> {
  /** As plain data. */
  readonly ref: ActorRef;
  /** Its methods: `await actor.call.add(1)`.
   *
   * They reject with {@linkcode TaskFailedError} when the method threw, {@linkcode ActorLostError} when the process was
   * lost and the call may have run, {@linkcode ActorDeadError} when the actor ended for good. */
  readonly call: ActorMethods<T>;
  /** Calls a method; the handle may be an argument of tasks and of other calls, which then read the result. */
  submit<K extends MethodName<T>>(
    method: K,
    args: CallArguments<T[K]>,
    options?: CallOptions,
  ): TaskHandle<CallResult<T[K]>>;
  /** Resolves when it takes calls and has run those that were made before; rejects when it ended before that. */
  ready(): Promise<void>;
  /** Ends it for good at once; calls that are under way fail. */
  terminate(): void;
}
