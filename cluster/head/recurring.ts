import type { TaskSpec } from "../scheduler/types.ts";

/** The parts of a task's specification that recur. */
export class RecurringParts {
  readonly #name = new Recurring<TaskSpec["name"]>();
  readonly #dependencies = new Recurring<TaskSpec["dependencies"]>();
  readonly #objects = new Recurring<TaskSpec["objects"]>();
  readonly #resources = new Recurring<TaskSpec["resources"]>();
  readonly #retry = new Recurring<TaskSpec["retry"]>();
  readonly #rules = new Recurring<TaskSpec["rules"]>();

  /** A specification whose parts are shared with those before it, as far as they are equal. */
  share<S extends Omit<TaskSpec, "payload">>(spec: S): S {
    return {
      ...spec,
      name: this.#name.share(spec.name),
      dependencies: this.#dependencies.share(spec.dependencies),
      objects: this.#objects.share(spec.objects),
      resources: this.#resources.share(spec.resources),
      retry: this.#retry.share(spec.retry),
      rules: this.#rules.share(spec.rules),
    };
  }
}

/** Gives equal values back as one: what arrives with every task (resources, retries, names) is alike for most of them, and
 * a million of equal objects would take most of a head's memory. Remembers the last value only, so it costs next to
 * nothing, whatever comes. */
class Recurring<T> {
  #last: T | undefined;

  /** The value itself, or an equal one that came before. The caller must not change either. */
  share(value: T): T {
    if (this.#last !== undefined && isEqual(this.#last, value)) return this.#last;
    this.#last = value;
    return value;
  }
}

/** Whether two plain values are equal: primitives, and objects and lists of them. */
function isEqual(a: unknown, b: unknown): boolean {
  if (Object.is(a, b)) return true;
  if (typeof a !== "object" || typeof b !== "object" || a === null || b === null) return false;
  if (Array.isArray(a) !== Array.isArray(b)) return false;
  let count = 0;
  for (const key in a) {
    count++;
    if (!isEqual((a as Record<string, unknown>)[key], (b as Record<string, unknown>)[key])) {
      return false;
    }
  }
  for (const _ in b) count--;
  return count === 0;
}
