import type { SubmitOptions } from "./types.ts";

/** How a function is called for many inputs. */
export interface MapOptions extends SubmitOptions {
  /** Whether results come in the order of the inputs, or as they are ready; default: true. */
  readonly ordered?: boolean;
  /** Inputs that were taken and whose results were not, at most; default: 1,024. So much is under way at once, and a
   * consumer that is slow holds the producer back. */
  readonly window?: number;
  /** `throw`: the first failure cancels the others and is thrown · `settle`: failures come among the results, as
   * {@linkcode MapOutcome}s; default: `throw`. */
  readonly onError?: "throw" | "settle";
}

/** How the call for one input ended. */
export type MapOutcome<R> = PromiseSettledResult<R> & {
  /** Of the input, from 0. */
  readonly index: number;
};

/** What a map needs of its client. */
export interface MapParts<I, R> {
  /** Starts the call for one input. */
  readonly submit: (input: I) => { readonly result: Promise<R>; readonly cancel: () => void };
  /** Told what the map waits for. */
  readonly watch: <T>(promise: Promise<T>) => Promise<T>;
}

const DEFAULT_WINDOW = 1_024;

/** Calls for each input, within a window, and gives what `take` makes of the outcomes: in order, or as they come. Leaving
 * the iteration cancels what is under way and closes the inputs.
 * @throws {RangeError} for a window below 1 · whatever the inputs or `take` throw · the reason of `options.signal` */
export async function* mapCalls<I, R, T>(
  parts: MapParts<I, R>,
  inputs: Iterable<I> | AsyncIterable<I>,
  options: Pick<MapOptions, "ordered" | "window" | "signal">,
  take: (outcome: MapOutcome<R>) => T,
): AsyncGenerator<T, void, undefined> {
  const { window = DEFAULT_WINDOW, ordered = true, signal } = options;
  if (!(window >= 1)) throw new RangeError(`Cannot map with a window below 1: it is ${window}`);
  const bell = new Bell();
  const source = new InputSource(inputs, bell);
  const calls = new Calls(parts, ordered, bell);
  const ring = () => bell.ring();
  signal?.addEventListener("abort", ring);
  try {
    while (true) {
      signal?.throwIfAborted();
      while (calls.count < window && source.pull()) calls.start(source.take());
      const outcome = calls.takeReady();
      if (outcome !== undefined) yield take(outcome);
      else if (source.isExhausted && calls.count === 0) return;
      else await parts.watch(bell.rung());
    }
  } finally {
    signal?.removeEventListener("abort", ring);
    calls.cancelAll();
    await source.close();
  }
}

/** The value of an outcome.
 * @throws the reason of a failure */
export function valueOf<R>(outcome: MapOutcome<R>): R {
  if (outcome.status === "rejected") throw outcome.reason;
  return outcome.value;
}

/** Wakes the one who waits; who rings before is heard, too. */
class Bell {
  #isRung = false;
  #wake: (() => void) | undefined;

  ring(): void {
    this.#isRung = true;
    this.#wake?.();
  }

  rung(): Promise<void> {
    return new Promise((resolve) => {
      this.#wake = () => {
        this.#isRung = false;
        this.#wake = undefined;
        resolve();
      };
      if (this.#isRung) this.#wake();
    });
  }
}

/** The inputs, one at a time. Those of an async iterable are asked for ahead, and ring when they are there. */
class InputSource<I> {
  readonly #iterator: Iterator<I> | AsyncIterator<I>;
  readonly #isAsync: boolean;
  readonly #bell: Bell;
  #next: { readonly input: I } | undefined;
  #failure: { readonly error: unknown } | undefined;
  #isAsking = false;
  #isExhausted = false;

  constructor(inputs: Iterable<I> | AsyncIterable<I>, bell: Bell) {
    this.#isAsync = Symbol.asyncIterator in inputs;
    this.#iterator = Symbol.asyncIterator in inputs
      ? inputs[Symbol.asyncIterator]()
      : inputs[Symbol.iterator]();
    this.#bell = bell;
  }

  get isExhausted(): boolean {
    return this.#isExhausted;
  }

  /** Whether there is an input to take now.
   * @throws whatever the iterable threw */
  pull(): boolean {
    if (this.#failure !== undefined) {
      this.#isExhausted = true;
      throw this.#failure.error;
    }
    if (this.#next === undefined && !this.#isExhausted && !this.#isAsking) this.#ask();
    return this.#next !== undefined;
  }

  /** The input of which `pull` told. */
  take(): I {
    const { input } = this.#next as { readonly input: I };
    this.#next = undefined;
    return input;
  }

  /** Tells the iterable that nothing more is wanted of it. */
  async close(): Promise<void> {
    if (!this.#isExhausted) await this.#iterator.return?.();
  }

  #ask(): void {
    if (!this.#isAsync) {
      this.#isAsking = true; // Should it throw, it has ended.
      this.#accept((this.#iterator as Iterator<I>).next());
      return;
    }
    this.#isAsking = true;
    (this.#iterator as AsyncIterator<I>).next().then((result) => {
      this.#accept(result);
      this.#bell.ring();
    }, (error) => {
      this.#failure = { error };
      this.#bell.ring();
    });
  }

  #accept(result: IteratorResult<I>): void {
    this.#isAsking = false;
    if (result.done) this.#isExhausted = true;
    else this.#next = { input: result.value };
  }
}

interface Call<R> {
  readonly index: number;
  readonly cancel: () => void;
  outcome: MapOutcome<R> | undefined;
}

/** The calls whose outcomes were not taken. */
class Calls<I, R> {
  readonly #parts: MapParts<I, R>;
  readonly #ordered: boolean;
  readonly #bell: Bell;
  /** By index: a Map keeps its order, and its first is found at once. */
  readonly #open = new Map<number, Call<R>>();
  readonly #ready: Call<R>[] = [];
  #readyFrom = 0;
  #started = 0;

  constructor(parts: MapParts<I, R>, ordered: boolean, bell: Bell) {
    this.#parts = parts;
    this.#ordered = ordered;
    this.#bell = bell;
  }

  get count(): number {
    return this.#open.size;
  }

  start(input: I): void {
    const { result, cancel } = this.#parts.submit(input);
    const call: Call<R> = { index: this.#started++, cancel, outcome: undefined };
    this.#open.set(call.index, call);
    result.then(
      (value) => this.#settle(call, { status: "fulfilled", value, index: call.index }),
      (reason) => this.#settle(call, { status: "rejected", reason, index: call.index }),
    );
  }

  /** The next outcome, if it is there. */
  takeReady(): MapOutcome<R> | undefined {
    const call = this.#ordered ? this.#open.values().next().value : this.#ready[this.#readyFrom];
    if (call?.outcome === undefined) return undefined;
    this.#open.delete(call.index);
    if (!this.#ordered && ++this.#readyFrom === this.#ready.length) {
      this.#ready.length = 0;
      this.#readyFrom = 0;
    }
    return call.outcome;
  }

  cancelAll(): void {
    for (const { outcome, cancel } of this.#open.values()) if (outcome === undefined) cancel();
    this.#open.clear();
  }

  #settle(call: Call<R>, outcome: MapOutcome<R>): void {
    call.outcome = outcome;
    if (!this.#ordered) this.#ready.push(call);
    this.#bell.ring();
  }
}
