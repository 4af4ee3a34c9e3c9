import { setImmediate } from "node:timers";
import type { Clock } from "../../src/base/clock.ts";
import { nextDeadlineMs, step } from "../scheduler/mod.ts";
import type { SchedulerState } from "../scheduler/mod.ts";
import type { SchedulerCommand, SchedulerEvent } from "../scheduler/types.ts";
import { addressMail } from "./addressing.ts";
import type { Mail } from "./addressing.ts";
import type { HeadStore } from "./store.ts";

/** A longer timer overflows in JavaScript; it just ticks once for nothing. */
const MAX_DELAY_MS = 3_600_000;

/** The shell round the scheduler: collects events, steps, stores, and only then acts. Events that arrive in one turn
 * of the event loop share one transaction. */
export class Engine {
  readonly #state: SchedulerState;
  readonly #store: HeadStore;
  readonly #clock: Clock;
  readonly #send: (mail: Mail) => void;
  readonly #onBroken: (error: unknown) => void;
  #events: SchedulerEvent[] = [];
  #flushIsDue = false;
  #stopped = false;
  #alarm: ReturnType<typeof setTimeout> | undefined;
  #alarmAtMs = Infinity;

  constructor(parts: {
    readonly state: SchedulerState;
    readonly store: HeadStore;
    readonly clock: Clock;
    /** Called after the batch is stored. A receiver that is not connected misses its mail, which is safe: workers and
     * clients repeat what they hold when they connect again. */
    readonly send: (mail: Mail) => void;
    /** Called once, when the scheduler finds its state broken or the store fails: the head has to stop. */
    readonly onBroken: (error: unknown) => void;
  }) {
    this.#state = parts.state;
    this.#store = parts.store;
    this.#clock = parts.clock;
    this.#send = parts.send;
    this.#onBroken = parts.onBroken;
  }

  /** Takes an event; it is stepped with all others of this turn. */
  post(event: SchedulerEvent): void {
    if (this.#stopped) return;
    this.#events.push(event);
    if (this.#flushIsDue) return;
    this.#flushIsDue = true;
    setImmediate(() => this.#flush());
  }

  /** Takes no more events and drops those that were not stepped. */
  stop(): void {
    this.#stopped = true;
    this.#events = [];
    clearTimeout(this.#alarm);
  }

  /** Stores what has to be stored, then sends what has to be said. */
  carryOut(commands: readonly SchedulerCommand[]): void {
    this.#store.commit(commands, this.#state.tasks);
    this.#send(addressMail(commands));
    this.#setAlarm();
  }

  /** Ticks when the scheduler next waits for time to pass. */
  #setAlarm(): void {
    const deadlineMs = nextDeadlineMs(this.#state);
    if (deadlineMs === this.#alarmAtMs) return;
    clearTimeout(this.#alarm);
    this.#alarmAtMs = deadlineMs;
    if (deadlineMs === Infinity) return;
    const delayMs = Math.min(Math.max(0, deadlineMs - this.#clock.nowMs()), MAX_DELAY_MS);
    this.#alarm = setTimeout(() => {
      this.#alarmAtMs = Infinity;
      this.post({ type: "Ticked" });
    }, delayMs);
  }

  #flush(): void {
    this.#flushIsDue = false;
    if (this.#stopped) return;
    const events = this.#events;
    this.#events = [];
    try {
      const nowMs = this.#clock.nowMs();
      const commands: SchedulerCommand[] = [];
      for (const event of events) {
        for (const command of step(this.#state, event, nowMs)) commands.push(command);
      }
      this.carryOut(commands);
    } catch (error) {
      this.stop();
      this.#onBroken(error);
    }
  }
}
