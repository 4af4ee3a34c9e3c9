import type { AttemptId } from "../scheduler/types.ts";

interface TimedCall {
  readonly attemptId: AttemptId;
  readonly limitMs: number;
  timer: ReturnType<typeof setTimeout> | undefined;
}

/** A longer timer overflows in JavaScript; 24 days count as no limit. */
const MAX_LIMIT_MS = 2 ** 31 - 1;

/** The limits on the calls of one actor. A call's time runs from when its actor begins it: when fewer calls than the
 * actor works on at once are before it. */
export class CallClock {
  readonly #concurrency: number;
  readonly #onLate: (call: TimedCall) => void;
  /** All calls that the actor has, in its order. */
  readonly #calls = new Map<AttemptId, TimedCall>();
  #limited = 0;

  constructor(concurrency: number, onLate: (call: TimedCall) => void) {
    this.#concurrency = concurrency;
    this.#onLate = onLate;
  }

  /** The actor was handed a call.
   * @param limitMs Infinity for none */
  add(attemptId: AttemptId, limitMs: number): void {
    this.#calls.set(attemptId, { attemptId, limitMs, timer: undefined });
    if (limitMs <= MAX_LIMIT_MS) this.#limited++;
    this.#startDue();
  }

  /** The call was answered. */
  remove(attemptId: AttemptId): void {
    const call = this.#calls.get(attemptId);
    if (call === undefined) return;
    this.#calls.delete(attemptId);
    clearTimeout(call.timer);
    if (call.limitMs <= MAX_LIMIT_MS) this.#limited--;
    this.#startDue();
  }

  /** No time runs any more. */
  stop(): void {
    for (const { timer } of this.#calls.values()) clearTimeout(timer);
    this.#calls.clear();
    this.#limited = 0;
  }

  #startDue(): void {
    if (this.#limited === 0) return;
    let before = 0;
    for (const call of this.#calls.values()) {
      if (before++ >= this.#concurrency) return;
      if (call.limitMs > MAX_LIMIT_MS || call.timer !== undefined) continue;
      call.timer = setTimeout(() => this.#onLate(call), call.limitMs);
    }
  }
}
