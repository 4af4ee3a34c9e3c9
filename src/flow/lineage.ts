import { SharedValue } from "./shared_value.ts";

/** Items of an argument that is an array which are looked at. */
const MAX_ITEMS = 1000;

/** Knows which task run made which value, for as long as the value lives: the edges of a run's graph follow from what
 * the flow passes on, with no declarations. Objects alone have an identity; numbers and texts leave no trace. */
export class Lineage {
  readonly #makers = new WeakMap<object, number>();

  /** Remembers that a task run made a value. */
  note(value: unknown, seq: number): void {
    if (typeof value === "object" && value !== null) this.#makers.set(value, seq);
  }

  /** The task runs that made the arguments, or the items and members that stand directly in them.
   * @returns each once, ascending */
  needs(args: readonly unknown[]): number[] {
    const found = new Set<number>();
    for (const arg of args) {
      const value = arg instanceof SharedValue ? arg.value : arg;
      if (typeof value !== "object" || value === null) continue;
      this.#addMaker(value, found);
      for (const item of directlyIn(value)) {
        if (typeof item === "object" && item !== null) this.#addMaker(item, found);
      }
    }
    return [...found].sort((a, b) => a - b);
  }

  #addMaker(value: object, found: Set<number>): void {
    const seq = this.#makers.get(value);
    if (seq !== undefined) found.add(seq);
  }
}

function directlyIn(value: object): readonly unknown[] {
  if (Array.isArray(value)) return value.slice(0, MAX_ITEMS);
  return Object.getPrototypeOf(value) === Object.prototype ? Object.values(value) : [];
}
