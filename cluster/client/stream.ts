import type { HeadToClientMessage } from "../protocol/messages.ts";
import type { AttemptId, ResultRef, StreamResume } from "../scheduler/types.ts";
import type { SubmitOptions } from "./types.ts";

/** How the items of a task travel. */
export interface StreamOptions extends Omit<SubmitOptions, "speculate" | "idempotencyKey"> {
  /** Items that the task may be ahead of its consumer; default: 64. A task that is further ahead is held back. */
  readonly window?: number;
  /** What happens when the attempt ends in the middle, by a failure that is tried again (`retry`) or with its node.
   * Whatever is said here, the consumer gets each item once, in order.
   * `never`: the task fails if any items have arrived, else it is tried again · `restart`: the function begins anew and
   * has to give the same items again; those that have arrived are left out · `continue`: the function begins anew and
   * goes on behind the items that have arrived, of which `taskContext().itemsReceived` is the number.
   * Default: `never`. */
  readonly resumeStream?: StreamResume;
}

type ItemsSent = Extract<HeadToClientMessage, { readonly type: "ItemsSent" }>;

/** What a stream says to its task, by way of the head. */
interface Grant {
  /** Items that have arrived, over all attempts. */
  readonly received: number;
  /** Items that may be sent, over all attempts. */
  readonly upTo: number;
  /** Whether items after `received` may have been lost on the way. */
  readonly isResend: boolean;
}

const DEFAULT_WINDOW = 64;

/** The consumer's end of a task's items: takes them in order, each once, and grants so many more that the task is never
 * more than a window ahead. Items are numbered over all attempts: a later one goes on where the one before ended. */
export class ItemStream {
  readonly #window: number;
  readonly #grant: (grant: Grant) => void;
  readonly #keep: (item: ResultRef) => void;
  readonly #buffer: ResultRef[] = [];
  /** The newest attempt of which something was heard. */
  #attemptId: AttemptId | undefined;
  #received = 0;
  #taken = 0;
  #grantedUpTo = 0;
  #end: { readonly error: unknown } | "complete" | undefined;
  #wake: (() => void) | undefined;

  /** @param parts `grant` tells the task what arrived, and how far it may go; `keep` is called before that for each item
   * that arrived */
  constructor(
    options: StreamOptions,
    parts: {
      readonly grant: (grant: Grant) => void;
      readonly keep: (item: ResultRef) => void;
    },
  ) {
    this.#window = options.window ?? DEFAULT_WINDOW;
    if (!(this.#window >= 1)) {
      throw new RangeError(`Cannot stream with a window below 1: it is ${options.window}`);
    }
    this.#grant = parts.grant;
    this.#keep = parts.keep;
  }

  /** Takes items of an attempt. Those of an older one, and those that came before, do not count. */
  take({ attemptId, first, items }: ItemsSent): void {
    if (this.#end !== undefined || attemptId < (this.#attemptId ?? attemptId)) return;
    this.#attemptId = attemptId;
    items.forEach((item, i) => {
      if (first + i !== this.#received) return;
      this.#received++;
      this.#keep(item);
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

  #say(isResend: boolean): void {
    this.#grantedUpTo = this.#taken + this.#window;
    this.#grant({ received: this.#received, upTo: this.#grantedUpTo, isResend });
  }
}
