import { setImmediate } from "node:timers";
import { isDiskFull } from "../../src/base/full_disk.ts";
import type { Clock } from "../../src/base/clock.ts";
import { nextDeadlineMs, step } from "../scheduler/mod.ts";
import type { SchedulerState } from "../scheduler/mod.ts";
import type { SchedulerCommand, SchedulerEvent } from "../scheduler/types.ts";
import { addressMail } from "./addressing.ts";
import type { Mail } from "./addressing.ts";
import type { HeadStore } from "./store.ts";

/** A longer timer overflows in JavaScript; it just ticks once for nothing. */
const MAX_DELAY_MS = 3_600_000;
/** After a rest of so long an event is taken at once. Under load events wait for the others of their turn, since a batch
 * costs little more than an event. */
const REST_MS = 0.2;
/** With so few tasks there are no others to wait for, while somebody may wait for each. */
const FEW_TASKS = 8;

/** How soon a disk that was full is tried again. */
const FULL_DISK_MS = 250;

/** Sees what an engine does, and changes nothing. */
export interface EngineObserver {
  /** Right after a step. */
  stepped(event: SchedulerEvent, commands: readonly SchedulerCommand[], nowMs: number): void;
  /** After the store took something. */
  committed(durationMs: number): void;
}

/** The shell round the scheduler: collects events, steps, stores, and only then says how anything ended. Events that
 * arrive in one turn of the event loop share one transaction. */
export class Engine {
  readonly #state: SchedulerState;
  readonly #store: HeadStore;
  readonly #clock: Clock;
  readonly #send: (mail: Mail) => void;
  readonly #onFullDisk: (isFull: boolean) => void;
  readonly #onBroken: (error: unknown) => void;
  readonly #observer: EngineObserver;
  #events: SchedulerEvent[] = [];
  #flushIsDue = false;
  #stopped = false;
  #alarm: ReturnType<typeof setTimeout> | undefined;
  #alarmAtMs = Infinity;
  #flushedAtMs = -Infinity;
  /** While the disk is full, what was stepped last is not stored yet, and nothing is stepped or said. */
  #isHeld = false;

  constructor(parts: {
    readonly state: SchedulerState;
    readonly store: HeadStore;
    readonly clock: Clock;
    /** Called when what the mail says may be told. A receiver that is not connected misses its mail, which is safe: workers and
     * clients repeat what they hold when they connect again. */
    readonly send: (mail: Mail) => void;
    /** Called when the disk begins to be full, and when it is not any more. */
    readonly onFullDisk: (isFull: boolean) => void;
    /** Called once, when the scheduler finds its state broken or the store fails: the head has to stop. */
    readonly onBroken: (error: unknown) => void;
    readonly observer: EngineObserver;
  }) {
    this.#state = parts.state;
    this.#store = parts.store;
    this.#clock = parts.clock;
    this.#send = parts.send;
    this.#onFullDisk = parts.onFullDisk;
    this.#onBroken = parts.onBroken;
    this.#observer = parts.observer;
  }

  /** Takes an event; it is stepped with all others of this turn. */
  post(event: SchedulerEvent): void {
    if (this.#stopped) return;
    this.#events.push(event);
    if (this.#flushIsDue || this.#isHeld) return;
    this.#flushIsDue = true;
    // A microtask comes after the frame that is just being read, and before anything else.
    if (this.#hasFewTasks || this.#isRested) queueMicrotask(() => this.#flush());
    else setImmediate(() => this.#flush());
  }

  get #hasFewTasks(): boolean {
    return this.#state.tasks.size <= FEW_TASKS;
  }

  get #isRested(): boolean {
    return performance.now() - this.#flushedAtMs > REST_MS;
  }

  /** Takes no more events and drops those that were not stepped. */
  stop(): void {
    this.#stopped = true;
    this.#events = [];
    clearTimeout(this.#alarm);
  }

  /** Stores what has to be stored, then sends what has to be said. A batch that only assigns goes out first:
   * an assignment claims nothing, so one that a crash makes the store miss is stale when its worker reports. What a full
   * disk does not take is tried again until it does. */
  carryOut(commands: readonly SchedulerCommand[]): void {
    const mail = addressMail(commands);
    if (mail.assignsOnly) this.#send(mail);
    if (this.#commit(commands)) this.#conclude(mail);
    else this.#hold(commands, mail);
  }

  #conclude(mail: Mail): void {
    if (!mail.assignsOnly) this.#send(mail);
    this.#setAlarm();
  }

  /** @returns false when the disk is full */
  #commit(commands: readonly SchedulerCommand[]): boolean {
    const startMs = performance.now();
    try {
      if (this.#store.commit(commands, this.#state.tasks)) {
        this.#observer.committed(performance.now() - startMs);
      }
      return true;
    } catch (error) {
      if (!isDiskFull(error)) throw error;
      return false;
    }
  }

  #hold(commands: readonly SchedulerCommand[], mail: Mail): void {
    if (!this.#isHeld) this.#onFullDisk(true);
    this.#isHeld = true;
    clearTimeout(this.#alarm);
    this.#alarmAtMs = -Infinity;
    this.#alarm = setTimeout(() => this.#guard(() => this.#tryAgain(commands, mail)), FULL_DISK_MS);
  }

  #tryAgain(commands: readonly SchedulerCommand[], mail: Mail): void {
    if (!this.#commit(commands)) return this.#hold(commands, mail);
    this.#isHeld = false;
    this.#alarmAtMs = Infinity;
    this.#onFullDisk(false);
    this.#conclude(mail);
    if (this.#events.length > 0) this.#step();
  }

  /** Ticks when the scheduler next waits for time to pass. A timer that fires before that is left as it is: it costs a
   * tick for nothing, where setting another one costs every batch. */
  #setAlarm(): void {
    const deadlineMs = nextDeadlineMs(this.#state);
    if (deadlineMs >= this.#alarmAtMs) return;
    clearTimeout(this.#alarm);
    this.#alarmAtMs = deadlineMs;
    const delayMs = Math.min(Math.max(0, deadlineMs - this.#clock.nowMs()), MAX_DELAY_MS);
    this.#alarm = setTimeout(() => {
      this.#alarmAtMs = Infinity;
      this.post({ type: "Ticked" });
    }, delayMs);
  }

  #flush(): void {
    this.#flushIsDue = false;
    if (this.#stopped) return;
    if (!this.#isHeld) this.#guard(() => this.#step());
  }

  #step(): void {
    const events = this.#events;
    this.#events = [];
    const nowMs = this.#clock.nowMs();
    const commands: SchedulerCommand[] = [];
    for (const event of events) {
      const stepped = step(this.#state, event, nowMs);
      for (const command of stepped) commands.push(command);
      this.#observer.stepped(event, stepped, nowMs);
    }
    this.carryOut(commands);
    this.#flushedAtMs = performance.now();
  }

  #guard(work: () => void): void {
    try {
      work();
    } catch (error) {
      this.stop();
      this.#onBroken(error);
    }
  }
}
