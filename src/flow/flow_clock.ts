import { type Clock, systemClock } from "../base/clock.ts";

/** Time for flows: what it is, and being woken later. Tests drive one by hand. */
export interface FlowClock extends Clock {
  /** Calls `wake` once, when `delayMs` have passed.
   * @returns takes the call back */
  after(delayMs: number, wake: () => void): () => void;
}

/** The machine's own clock and timers. */
export const systemFlowClock: FlowClock = {
  nowMs: () => systemClock.nowMs(),
  after(delayMs, wake) {
    const timer = setTimeout(wake, delayMs);
    return () => clearTimeout(timer);
  },
};
