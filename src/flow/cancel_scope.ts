/** What can be cancelled together: a flow run, a map inside it, an attempt inside that. Cancelling one cancels all
 * that is inside. Lighter than a tree of AbortSignals, whose listeners cost the square of their number. */
export class CancelScope {
  readonly #listeners = new Set<(reason: Error) => void>();
  #leaveParent: (() => void) | undefined;
  #reason: Error | undefined;
  #controller: AbortController | undefined;

  constructor(parent?: CancelScope) {
    this.#reason = parent?.reason;
    this.#leaveParent = parent?.onCancel((reason) => this.cancel(reason));
  }

  /** Why it was cancelled; undefined while it was not. */
  get reason(): Error | undefined {
    return this.#reason;
  }

  /** The same as an AbortSignal, for functions that take one. */
  get signal(): AbortSignal {
    if (this.#controller === undefined) {
      const controller = this.#controller = new AbortController();
      if (this.#reason !== undefined) controller.abort(this.#reason);
      else this.onCancel((reason) => controller.abort(reason));
    }
    return this.#controller.signal;
  }

  /** The first reason stays. */
  cancel(reason: Error): void {
    if (this.#reason !== undefined) return;
    this.#reason = reason;
    const listeners = [...this.#listeners];
    this.#listeners.clear();
    for (const listener of listeners) listener(reason);
  }

  /** Calls `listener` once, when the scope is cancelled; never when it already is.
   * @returns takes the listener away */
  onCancel(listener: (reason: Error) => void): () => void {
    this.#listeners.add(listener);
    return () => {
      this.#listeners.delete(listener);
    };
  }

  /** @throws {Error} the reason, when it was cancelled */
  throwIfCancelled(): void {
    if (this.#reason !== undefined) throw this.#reason;
  }

  /** Settles like `promise`, or rejects with the reason as soon as the scope is cancelled. */
  async race<T>(promise: PromiseLike<T>): Promise<T> {
    this.throwIfCancelled();
    const cancelled = Promise.withResolvers<never>();
    const stopListening = this.onCancel(cancelled.reject);
    try {
      return await Promise.race([promise, cancelled.promise]);
    } finally {
      stopListening();
    }
  }

  /** Leaves the parent: to be called when what the scope stood for has ended. */
  close(): void {
    this.#leaveParent?.();
    this.#leaveParent = undefined;
  }
}
