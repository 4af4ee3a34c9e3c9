import type { FlowClock } from "../../src/flow/mod.ts";

/** A clock that stands still until it is told to go on. */
export class ManualClock implements FlowClock {
  #nowMs = 1_000_000;
  readonly #timers = new Set<{ readonly atMs: number; readonly wake: () => void }>();

  nowMs(): number {
    return this.#nowMs;
  }

  after(delayMs: number, wake: () => void): () => void {
    const timer = { atMs: this.#nowMs + delayMs, wake };
    this.#timers.add(timer);
    return () => this.#timers.delete(timer);
  }

  /** How many wait to be woken. */
  get waiting(): number {
    return this.#timers.size;
  }

  /** Lets time pass, and wakes whom it is time for. */
  advance(ms: number): void {
    this.#nowMs += ms;
    for (const timer of this.#timers) {
      if (timer.atMs > this.#nowMs) continue;
      this.#timers.delete(timer);
      timer.wake();
    }
  }
}
