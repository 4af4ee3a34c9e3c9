import { type HeapItem, IndexedHeap } from "../../cluster/scheduler/indexed_heap.ts";
import { createRng, type Rng } from "../../src/base/rng.ts";

interface Due extends HeapItem {
  readonly atMs: number;
  readonly sequence: number;
  readonly run: () => void;
}

/** Virtual time and chance: all that happens in a simulation is scheduled here, and follows from the seed. */
export class World {
  readonly rng: Rng;
  nowMs = 0;
  #sequence = 0;
  readonly #due = new IndexedHeap<Due>((a, b) =>
    a.atMs < b.atMs || (a.atMs === b.atMs && a.sequence < b.sequence)
  );

  constructor(readonly seed: number) {
    this.rng = createRng(seed);
  }

  after(delayMs: number, run: () => void): void {
    this.at(this.nowMs + delayMs, run);
  }

  at(atMs: number, run: () => void): void {
    this.#due.place({ atMs, sequence: this.#sequence++, run, heapPosition: -1 });
  }

  /** Lets the next thing happen. */
  advance(): void {
    const due = this.#due.peek();
    if (due === undefined) throw new Error("Cannot advance the simulation: nothing is scheduled");
    this.#due.remove(due);
    this.nowMs = Math.max(this.nowMs, due.atMs);
    due.run();
  }

  chance(probability: number): boolean {
    return this.rng.next() < probability;
  }

  /** A number in [low, high). */
  between(low: number, high: number): number {
    return low + this.rng.next() * (high - low);
  }

  pick<T>(items: readonly T[]): T {
    return items[this.rng.below(items.length)];
  }
}
