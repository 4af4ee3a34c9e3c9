import type { CancelScope } from "./cancel_scope.ts";

/** Lets through what wants to start, while nobody has closed it. */
export class PauseGate {
  readonly #outer: PauseGate | undefined;
  #opened: PromiseWithResolvers<void> | undefined;

  /** @param outer has to be open, too */
  constructor(outer: PauseGate | undefined) {
    this.#outer = outer;
  }

  /** Whether something that wants to pass has to wait. */
  get isClosed(): boolean {
    return this.#opened !== undefined || (this.#outer?.isClosed ?? false);
  }

  /** Nothing passes any more. */
  close(): void {
    this.#opened ??= Promise.withResolvers<void>();
  }

  /** Lets pass whoever waits. */
  open(): void {
    this.#opened?.resolve();
    this.#opened = undefined;
  }

  /** Resolves when the gate is open.
   * @throws {Error} the scope's reason when it is cancelled */
  async pass(scope: CancelScope): Promise<void> {
    while (this.isClosed) {
      if (this.#opened !== undefined) await scope.race(this.#opened.promise);
      else await this.#outer?.pass(scope);
    }
  }
}
