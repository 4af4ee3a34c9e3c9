/** What is under way in a run. */
export class LiveWork {
  readonly #live = new Set<Promise<unknown>>();
  readonly #turns = new Map<string, Promise<unknown>>();
  readonly #unobservedFailures = new Map<object, unknown>();

  /** Lets nothing of one cache key run at the same time: the second finds the result of the first. */
  async inTurn<R>(key: string, produce: () => Promise<R>): Promise<R> {
    const previous = this.#turns.get(key);
    const turn = previous === undefined ? produce() : previous.then(produce, produce);
    this.#turns.set(key, turn);
    try {
      return await turn;
    } finally {
      if (this.#turns.get(key) === turn) this.#turns.delete(key);
    }
  }

  /** Remembers work until it has settled. */
  track<R>(work: Promise<R>): Promise<R> {
    this.#live.add(work);
    const forget = () => {
      this.#live.delete(work);
    };
    work.then(forget, forget);
    return work;
  }

  /** Remembers that a submitted task failed before anybody asked for its result. */
  noteFailure(submission: object, error: unknown): void {
    this.#unobservedFailures.set(submission, error);
  }

  /** Somebody asked for the result. */
  noteObserved(submission: object): void {
    this.#unobservedFailures.delete(submission);
  }

  /** Resolves when no task run and no child is left. */
  async idle(): Promise<void> {
    while (this.#live.size > 0) await Promise.allSettled(this.#live);
  }

  /** Waits for what was submitted and not awaited.
   * @throws the first failure that nobody asked for */
  async settle(): Promise<void> {
    await this.idle();
    const [failure] = this.#unobservedFailures.values();
    const hasFailed = this.#unobservedFailures.size > 0;
    this.#unobservedFailures.clear();
    if (hasFailed) throw failure;
  }
}
