import { Histogram, SECONDS_BOUNDS } from "./histogram.ts";

const SAMPLE_MS = 500;

/** Measures how late a timer of this process fires: the time for which the event loop does not get round to it. */
export class LoopDelay implements Disposable {
  /** In seconds. */
  readonly delays = new Histogram(SECONDS_BOUNDS);
  readonly #timer: ReturnType<typeof setInterval>;
  #dueAtMs = performance.now() + SAMPLE_MS;

  constructor() {
    this.#timer = setInterval(() => this.#sample(), SAMPLE_MS);
    Deno.unrefTimer(this.#timer);
  }

  [Symbol.dispose](): void {
    clearInterval(this.#timer);
  }

  #sample(): void {
    const nowMs = performance.now();
    this.delays.observe(Math.max(0, nowMs - this.#dueAtMs) / 1e3);
    this.#dueAtMs = nowMs + SAMPLE_MS;
  }
}
