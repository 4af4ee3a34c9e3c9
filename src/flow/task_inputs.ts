import type { FlowRun } from "./flow_run.ts";
import type { SharedValue } from "./shared_value.ts";

/** What can be given where a task takes a T. */
export type Input<T> = T | SharedValue<T> | TaskSubmission<T>;

/** What can be given for a task's arguments. */
export type Inputs<A extends unknown[]> = { [K in keyof A]: Input<A[K]> };

/** A task that was started: awaited it gives the result; as an argument of another task it stands for the result. */
export class TaskSubmission<R> implements PromiseLike<R> {
  readonly #result: Promise<R>;
  readonly #flowRun: FlowRun | undefined;
  #isObserved = false;

  /** @internal */
  constructor(result: Promise<R>, flowRun: FlowRun | undefined) {
    this.#result = result;
    this.#flowRun = flowRun;
    result.catch((error) => {
      if (!this.#isObserved) flowRun?.noteFailure(this, error);
    });
  }

  /** Waits for the result, as `await` does. */
  then<T = R, E = never>(
    onFulfilled?: ((value: R) => T | PromiseLike<T>) | null,
    onRejected?: ((reason: unknown) => E | PromiseLike<E>) | null,
  ): Promise<T | E> {
    this.#isObserved = true;
    this.#flowRun?.noteObserved(this);
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
