import type { LiveWork } from "./live_work.ts";
import type { SharedValue } from "./shared_value.ts";

/** What can be given where a task takes a T. */
export type Input<T> = T | SharedValue<T> | TaskSubmission<T>;

/** What can be given for a task's arguments. */
export type Inputs<A extends unknown[]> = { [K in keyof A]: Input<A[K]> };

/** A task that was started: awaited it gives the result; as an argument of another task it stands for the result. */
export class TaskSubmission<R> implements PromiseLike<R> {
  readonly #result: Promise<R>;
  readonly #owner: LiveWork | undefined;
  #isObserved = false;

  /** @param owner whose end waits for it: a flow run, or a transaction
   * @internal */
  constructor(result: Promise<R>, owner: LiveWork | undefined) {
    this.#result = result;
    this.#owner = owner;
    result.catch((error) => {
      if (!this.#isObserved) owner?.noteFailure(this, error);
    });
  }

  /** Waits for the result, as `await` does. */
  then<T = R, E = never>(
    onFulfilled?: ((value: R) => T | PromiseLike<T>) | null,
    onRejected?: ((reason: unknown) => E | PromiseLike<E>) | null,
  ): Promise<T | E> {
    this.#isObserved = true;
    this.#owner?.noteObserved(this);
    return this.#result.then(onFulfilled, onRejected);
  }
}

/** The arguments with every submission replaced by its result.
 * @throws what the first submission to fail threw */
export async function resolveInputs(inputs: readonly unknown[]): Promise<readonly unknown[]> {
  // Promise.all alone would also replace arguments that happen to be promises, and cost a turn.
  if (!inputs.some((input) => input instanceof TaskSubmission)) return inputs;
  return await Promise.all(inputs);
}
