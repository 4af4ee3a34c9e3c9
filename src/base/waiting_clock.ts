import { type Clock, systemClock } from "./clock.ts";

/** Time for those that wait: what it is, and sleep. Tests drive one by hand. */
export interface WaitingClock extends Clock {
  /** Resolves when `ms` milliseconds have passed.
   * @throws the signal's reason when it is aborted first */
  sleep(ms: number, signal: AbortSignal): Promise<void>;
}

/** The machine's own clock and timers. */
export const systemWaitingClock: WaitingClock = {
  nowMs: () => systemClock.nowMs(),
  sleep: (ms, signal) =>
    new Promise((resolve, reject) => {
      if (signal.aborted) return reject(signal.reason);
      const stop = () => {
        clearTimeout(timer);
        reject(signal.reason);
      };
      const timer = setTimeout(() => {
        signal.removeEventListener("abort", stop);
        resolve();
      }, ms);
      signal.addEventListener("abort", stop, { once: true });
    }),
};
