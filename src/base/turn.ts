/** Lets one work be done at a time, in the order of asking; a work that fails does not stop the next. */
export class Turn {
  #last: Promise<unknown> = Promise.resolve();

  /** Does a work when all that asked before have ended.
   * @returns what it gives, or fails as it does */
  async take<R>(work: () => Promise<R>): Promise<R> {
    const before = this.#last;
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#last = promise;
    await before;
    try {
      return await work();
    } finally {
      resolve();
    }
  }
}
