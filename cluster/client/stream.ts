import type { HeadToClientMessage } from "../protocol/messages.ts";
import type { AttemptId, ResultRef } from "../scheduler/types.ts";
import type { SubmitOptions } from "./types.ts";

/** How the items of a task travel. */
export interface StreamOptions extends Omit<SubmitOptions, "speculate" | "idempotencyKey"> {
  /** Items that the task may be ahead of its consumer; default: 64. A task that is further ahead is held back. */
  readonly window?: number;
  /** What happens when the attempt ends in the middle, with its node or by a failure that is tried again, and another
   * begins: `never`: the stream fails if it had items already · `restart`: the items that were there already are left
   * out, so the function has to give the same ones again. Default: `never`. */
  readonly resumeStream?: "never" | "restart";
}

type ItemsSent = Extract<HeadToClientMessage, { readonly type: "ItemsSent" }>;

/** What a stream says to its task, by way of the head. */
interface Grant {
  readonly received: number;
  readonly upTo: number;
  /** Whether items after `received` may have been lost on the way. */
  readonly isResend: boolean;
}

/** The attempt that gave the items of a stream ended in the middle, and another one began. */
export class StreamInterruptedError extends Error {
  /** Tells it from other errors. */
  override readonly name = "StreamInterruptedError";
  /** What it is called in src/ERRORS.md. */
  readonly code = "stream/interrupted";
}

const DEFAULT_WINDOW = 64;

/** The consumer's end of a task's items: takes them in order, each once, and grants so many more that the task is never
 * more than a window ahead. */
export class ItemStream {
  readonly #window: number;
  readonly #mayRestart: boolean;
  readonly #grant: (grant: Grant) => void;
  readonly #buffer: ResultRef[] = [];
  #attemptId: AttemptId | undefined;
  /** Of the present attempt. */
  #received = 0;
  /** Of all attempts: those before the n-th are in the buffer, or were taken. */
  #total = 0;
  #taken = 0;
  #grantedUpTo = 0;
  #end: { readonly error: unknown } | "complete" | undefined;
  #wake: (() => void) | undefined;

  /** @param grant tells the task what arrived, and how far it may go */
  constructor(options: StreamOptions, grant: (grant: Grant) => void) {
    this.#window = options.window ?? DEFAULT_WINDOW;
    if (!(this.#window >= 1)) {
      throw new RangeError(`Cannot stream with a window below 1: it is ${options.window}`);
    }
    this.#mayRestart = options.resumeStream === "restart";
    this.#grant = grant;
  }

  /** Takes items of an attempt. Those of an older one, and those that came before, do not count. */
  take({ attemptId, first, items }: ItemsSent): void {
    if (this.#end !== undefined || attemptId < (this.#attemptId ?? attemptId)) return;
    if (attemptId !== this.#attemptId && !this.#begin(attemptId)) return;
    items.forEach((item, i) => {
      if (first + i !== this.#received) return;
      if (this.#received++ < this.#total) return;
      this.#total++;
      this.#buffer.push(item);
    });
    this.#say(first > this.#received);
    this.#wake?.();
  }

  /** The connection was made again: what was under way may be lost. */
  reconnected(): void {
    if (this.#attemptId !== undefined && this.#end === undefined) this.#say(true);
  }

  /** The task has ended, well or with an error: what is in the buffer comes first. */
  finish(end: { readonly error: unknown } | "complete"): void {
    this.#end ??= end;
    this.#wake?.();
  }

  /** The next item; undefined at the end.
   * @throws what the task failed with, after all of its items */
  async next(wait: (promise: Promise<void>) => Promise<void>): Promise<ResultRef | undefined> {
    while (this.#buffer.length === 0) {
      if (this.#end === "complete") return undefined;
      if (this.#end !== undefined) throw this.#end.error;
      await wait(new Promise<void>((resolve) => this.#wake = resolve));
      this.#wake = undefined;
    }
    this.#taken++;
    // By half windows: a message an item would cost more than the item.
    const gain = this.#taken + this.#window - this.#grantedUpTo;
    if (gain >= this.#window / 2 && this.#end === undefined) this.#say(false);
    return this.#buffer.shift();
  }

  /** Items that have arrived and were not taken, when nobody takes any more. */
  rest(): readonly ResultRef[] {
    return this.#buffer.splice(0);
  }

  /** @returns whether the items of this attempt are wanted */
  #begin(attemptId: AttemptId): boolean {
    if (this.#total > 0 && !this.#mayRestart) {
      this.finish({
        error: new StreamInterruptedError(
          `The stream was interrupted after ${this.#total} items: its attempt ended, and the task began ` +
            `anew; with resumeStream: "restart" it would go on`,
        ),
      });
      return false;
    }
    this.#attemptId = attemptId;
    this.#received = 0;
    return true;
  }

  #say(isResend: boolean): void {
    this.#grantedUpTo = this.#taken + this.#window;
    this.#grant({ received: this.#received, upTo: this.#grantedUpTo, isResend });
  }
}
