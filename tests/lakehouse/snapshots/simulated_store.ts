import { setImmediate } from "node:timers/promises";
import type { Clock } from "../../../src/base/clock.ts";
import { createRng, type Rng } from "../../../src/base/rng.ts";
import type {
  ListedObject,
  ObjectStore,
  StoredObject,
} from "../../../src/lakehouse/store/object_store.ts";

/** What a program of a simulation dies of. */
export class Crash extends Error {}

/** How often what goes wrong, of 1: each call of a store draws once. */
export interface Faults {
  /** The program dies, before or after the call has its effect. */
  readonly crash: number;
  /** The call has its effect, but its answer is lost. */
  readonly lostAnswer: number;
  /** The same for a swap. */
  readonly lostSwap: number;
  /** The call fails without an effect. */
  readonly failure: number;
}

const NONE: Faults = { crash: 0, lostAnswer: 0, lostSwap: 0, failure: 0 };

interface PendingCall {
  readonly program: Program;
  readonly isSwap: boolean;
  readonly perform: () => unknown;
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: Error) => void;
  /** It comes when so many calls were made. */
  readonly notBefore: number;
}

interface Program {
  readonly name: string;
  readonly faults: Faults;
  isDead: boolean;
  isDone: boolean;
}

/** A program that lost an answer notices it after so many calls of others at most: time for them to get in between. */
const MAX_STALL_CALLS = 40;

/** One store that several programs use at the same time. Which call has its effect next, and what goes wrong, is drawn
 * from a seed; so is the time, which goes on with every call. */
export class SimulatedStore {
  readonly objects = new Map<string, { bytes: Uint8Array; tag: string; modifiedMs: number }>();
  readonly clock: Clock = { nowMs: () => this.#nowMs };
  readonly #rng: Rng;
  readonly #pending: PendingCall[] = [];
  readonly #programs: Program[] = [];
  #nowMs = 1_700_000_000_000;
  #tags = 0;
  #calls = 0;

  constructor(seed: number) {
    this.#rng = createRng(seed);
  }

  /** Starts a program; it runs while {@linkcode run} does.
   * @returns what it gives, or the error that it ends with */
  start<T>(
    name: string,
    faults: Faults,
    main: (store: ObjectStore) => Promise<T>,
  ): Promise<T | Error> {
    const program: Program = { name, faults, isDead: false, isDone: false };
    this.#programs.push(program);
    return main(this.#storeOf(program)).catch((error: Error) => error)
      .finally(() => program.isDone = true);
  }

  /** Lets calls have their effects, one by one, until all programs have ended.
   * @param afterEach checks what must hold at any time */
  async run(afterEach: () => void): Promise<void> {
    while (true) {
      await this.#untilAllWait();
      if (this.#pending.length === 0) return;
      const call = this.#draw();
      this.#nowMs += this.#rng.below(1000);
      this.#perform(call);
      afterEach();
    }
  }

  #draw(): PendingCall {
    const ready = this.#pending.filter(({ notBefore }) => notBefore <= this.#calls);
    const among = ready.length > 0 ? ready : this.#pending;
    const call = among[this.#rng.below(among.length)];
    this.#pending.splice(this.#pending.indexOf(call), 1);
    this.#calls++;
    return call;
  }

  #perform({ program, isSwap, perform, resolve, reject }: PendingCall): void {
    const { crash, lostAnswer, lostSwap, failure } = program.faults;
    if (program.isDead) return reject(new Crash("dead"));
    const draw = this.#rng.next();
    if (draw < crash) {
      program.isDead = true;
      if (this.#rng.below(2) === 0) perform();
      return reject(new Crash(`${program.name} crashed`));
    }
    if (draw < crash + failure) return reject(new Error("connection refused"));
    const value = perform();
    if (draw < crash + failure + (isSwap ? lostSwap : lostAnswer)) {
      return this.#stall(program, reject);
    }
    resolve(value);
  }

  #stall(program: Program, reject: (error: Error) => void): void {
    this.#pending.push({
      program: { ...program, faults: NONE },
      isSwap: false,
      perform: () => reject(new Error("connection lost")),
      resolve: () => {},
      reject,
      notBefore: this.#calls + this.#rng.below(MAX_STALL_CALLS),
    });
  }

  /** Until every program that goes on waits for a call. */
  async #untilAllWait(): Promise<void> {
    const isBusy = (program: Program) =>
      !program.isDone && !this.#pending.some((call) => call.program.name === program.name);
    do await setImmediate(); while (this.#programs.some(isBusy));
  }

  #storeOf(program: Program): ObjectStore {
    const call = <T>(perform: () => T, isSwap = false): Promise<T> =>
      new Promise<T>((resolve, reject) =>
        this.#pending.push({
          notBefore: 0,
          program,
          isSwap,
          perform,
          resolve: resolve as (value: unknown) => void,
          reject,
        })
      );
    const list = (prefix: string): ListedObject[] =>
      [...this.objects].filter(([key]) => key.startsWith(prefix))
        .map(([key, { bytes, modifiedMs }]) => ({ key, sizeBytes: bytes.length, modifiedMs }));
    return {
      url: "sim",
      isLocal: true,
      get: (key) => call((): StoredObject | undefined => this.objects.get(key)),
      getRange: (key, start, end) => call(() => this.objects.get(key)?.bytes.slice(start, end)),
      put: (key, bytes) => call(() => void this.#set(key, bytes)),
      swap: (key, bytes, expected) =>
        call(
          () =>
            (this.objects.get(key)?.tag ?? null) === expected ? this.#set(key, bytes) : undefined,
          true,
        ),
      list: async function* (prefix) {
        yield* await call(() => list(prefix));
      },
      // As a real store does it: one by one, so that a crash may come in the middle.
      remove: async (keys) => {
        for (const key of keys) await call(() => void this.objects.delete(key));
      },
    };
  }

  #set(key: string, bytes: Uint8Array): string {
    const tag = `t${++this.#tags}`;
    this.objects.set(key, { bytes: bytes.slice(), tag, modifiedMs: this.#nowMs });
    return tag;
  }
}
