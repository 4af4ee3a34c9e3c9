/** Actors of the cluster's tests. */
import { delay } from "@std/async/delay";
import { currentClient } from "../../../cluster/client/mod.ts";
import type { ActorRef } from "../../../cluster/client/mod.ts";

/** Prices of one day by symbol. */
export type DayPrices = Readonly<Record<string, number>>;

/** The price history, in memory across windows. */
export class PriceStore {
  readonly #symbols: readonly string[];
  #days: number[][] = [];

  constructor(symbols: readonly string[], history?: Float64Array) {
    this.#symbols = symbols;
    if (symbols.length === 0) throw new RangeError("Cannot keep prices of no symbols");
    for (let i = 0; i < (history?.length ?? 0); i += symbols.length) {
      this.#days.push([...history!.subarray(i, i + symbols.length)]);
    }
  }

  /** Adds a day; how many there are then. */
  append(prices: DayPrices): number {
    this.#days.push(this.#symbols.map((symbol) => prices[symbol]));
    return this.#days.length;
  }

  /** Simple returns of the last `count` days, day by day. */
  lastReturns(count: number): Float64Array {
    const days = this.#days.slice(-count - 1);
    return Float64Array.from(
      days.slice(1).flatMap((day, t) => day.map((price, i) => price / days[t][i] - 1)),
    );
  }

  /** Fails as numerics do. */
  fail(): never {
    throw new RangeError("rank 40 of 50");
  }

  /** In which process it lives. */
  pid(): number {
    return Deno.pid;
  }

  /** Ends its process in the middle of a call. */
  crash(): never {
    Deno.exit(3);
  }

  /** Never gives way. */
  spin(): never {
    while (true);
  }

  checkpoint(): unknown {
    return this.#days;
  }

  restore(days: number[][]): void {
    this.#days = days;
  }
}

/** Remembers what it was told, in its order. */
export class Recorder {
  readonly #told: string[] = [];

  async tell(what: string, ms = 0): Promise<void> {
    if (ms > 0) await delay(ms);
    this.#told.push(what);
  }

  all(): string[] {
    return this.#told;
  }

  env(): string | undefined {
    return Deno.env.get("TV_ACTOR_TEST");
  }
}

/** Meets others: a call ends when so many are there. */
export class Meeting {
  readonly #size: number;
  readonly #arrived: (() => void)[] = [];

  constructor(size: number) {
    this.#size = size;
  }

  async join(): Promise<number> {
    const met = new Promise<void>((resolve) => this.#arrived.push(resolve));
    if (this.#arrived.length === this.#size) this.#arrived.forEach((resolve) => resolve());
    await met;
    return this.#arrived.length;
  }
}

/** A factory: an object with methods is an actor, too. */
export function counterFrom(start: number): { next(by: number): number } {
  let count = start;
  return { next: (by) => count += by };
}

/** The sum of an array. */
export function sum(values: Float64Array): number {
  return values.reduce((total, value) => total + value, 0);
}

/** A task that calls an actor which another created. */
export async function appendTo(store: ActorRef, price: number): Promise<number> {
  return await currentClient().actorOf<PriceStore>(store).call.append({ A: price });
}
