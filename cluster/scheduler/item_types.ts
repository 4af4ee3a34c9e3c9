import type { ObjectSize } from "./object_types.ts";

/** What happens to the items of a stream when its attempt ends in the middle, and another one could begin: `never`: the
 * task fails if any have arrived · `restart`: the function gives all again, those that have arrived are left out ·
 * `continue`: the function goes on behind them, see `itemsReceived` of the task's context. */
export type StreamResume = "never" | "restart" | "continue";

/** What happened to the items of a task. They are numbered over all attempts, from 0. */
export type ItemEvent =
  /** Items of a live attempt are on their way to the reader; named are those that are objects. */
  | {
    readonly type: "ItemsSent";
    readonly taskId: string;
    readonly attemptId: number;
    readonly objects: readonly (ObjectSize & { readonly index: number })[];
  }
  /** So many have arrived at the reader, and what is an object among them is held by it. */
  | {
    readonly type: "ItemsReceived";
    readonly taskId: string;
    readonly clientId: string;
    readonly received: number;
  };
