import type { WaitingClock } from "../../src/base/waiting_clock.ts";

/** A clock that goes on only when somebody sleeps, and then at once. */
export class DrivenClock implements WaitingClock {
  #nowMs: number;
  /** Every sleep, in milliseconds. */
  readonly sleeps: number[] = [];

  constructor(nowMs = 0) {
    this.#nowMs = nowMs;
  }

  nowMs(): number {
    return this.#nowMs;
  }

  /** Lets time pass. */
  advance(ms: number): void {
    this.#nowMs += ms;
  }

  sleep(ms: number, signal: AbortSignal): Promise<void> {
    if (signal.aborted) return Promise.reject(signal.reason);
    this.sleeps.push(ms);
    this.#nowMs += ms;
    return Promise.resolve();
  }
}
