import type { CodeRef } from "./code_ref.ts";
import type { TaskPermissions } from "./task_permissions.ts";
import type { ObjectSize } from "../scheduler/types.ts";

/** What code of a task may know of itself. */
export interface TaskContext {
  /** Of the task; the same in every attempt. */
  readonly taskId: string;
  /** What the task is called, for people. */
  readonly name: string;
  /** 1 for the first attempt, one more after each failure and each loss. */
  readonly attempt: number;
  /** The run that the task belongs to: that of the client that submitted it, or its parents. */
  readonly runId: string;
  /** Higher goes first; what the task submits goes a little ahead of it by default. */
  readonly priority: number;
  /** The worker on which this attempt runs. */
  readonly node: string;
  /** Aborted when this attempt is cancelled or timed out: shortly after, its process is ended. */
  readonly signal: AbortSignal;
  /** When the attempt's time is over, in milliseconds since 1970 by this node's clock; Infinity for no limit. */
  readonly deadlineMs: number;
  /** Of a stream with `resumeStream: "continue"`: how many items of earlier attempts its reader has; the first that a
   * generator gives is taken for the one behind them. Known from the first line of the generator on; 0 otherwise. */
  readonly itemsReceived: number;
}

/** An attempt's line through its daemon to the head, and to the node's objects. */
export interface NestedChannel {
  /** From now on frames that the head sends come to `onFrame`, of all who opened the channel. `onReturned` is called when whatever was under way may
   * be lost: the client has to say hello again. `onLost` is called once, when nothing more can come. */
  open(handlers: {
    readonly onFrame: (frame: Uint8Array) => void;
    readonly onReturned: () => void;
    readonly onLost: (error: Error) => void;
  }): void;
  /** Sends a frame of client messages. */
  send(frame: Uint8Array): void;
  /** Keeps an object on this node, where the whole cluster finds it. Its parts must not change before it is there. */
  store(parts: readonly Uint8Array<ArrayBuffer>[]): Promise<ObjectSize>;
  /** Takes the parts as they are in this very moment. */
  storeNow(
    parts: readonly Uint8Array<ArrayBuffer>[],
  ): ObjectSize & { readonly stored: Promise<void> };
  /** The value of an object.
   * @throws {Error} when the cluster does not have it */
  load(objectId: string): Promise<unknown>;
  /** Says whether the task waits for others: while it does, they may have its resources. */
  setWaiting(isWaiting: boolean): void;
}

/** What an executor gives to the code that it runs. */
export interface TaskScope {
  readonly context: TaskContext;
  readonly channel: NestedChannel;
  /** The reader of the task's items has so many of earlier attempts. */
  goOnBehind(itemsReceived: number): void;
  /** The code that the task is of, and the URL of its folder here; undefined: its module is named by its whole URL. */
  readonly code: { readonly url: string; readonly ref: CodeRef } | undefined;
  /** What the task may do; undefined: the usual. */
  readonly permissions: TaskPermissions | undefined;
}

/** Under this property of `globalThis` an executor has a function that gives the scope of the code that calls it. By a
 * name and not by an import, since the code of a task may bring its own copy of this module. */
export const TASK_SCOPE: unique symbol = Symbol.for("tradewind.scope");

/** The scope of the task that calls; undefined outside of tasks. */
export function currentScope(): TaskScope | undefined {
  return (globalThis as { [TASK_SCOPE]?: () => TaskScope | undefined })[TASK_SCOPE]?.();
}
