import type { DatabaseSync } from "node:sqlite";
import { CodedError, errorMessage } from "../../base/errors.ts";

/** Gathers the writes of one turn of the event loop into one transaction: a thousand tasks that start together cost
 * one commit. Every write has a promise that resolves once it is committed, so that the caller can act after it. */
export class BatchWriter {
  readonly #database: DatabaseSync;
  #writes: (() => void)[] = [];
  #committed: PromiseWithResolvers<void> | undefined;
  #failure: Error | undefined;

  constructor(database: DatabaseSync) {
    this.#database = database;
  }

  /** Queues statements for the next transaction. After a transaction that failed every write is refused: what is
   * stored would no longer be what happened.
   * @returns resolves when they are committed, rejects when they cannot be */
  write(statements: () => void): Promise<void> {
    if (this.#failure !== undefined) return quietRejection(this.#failure);
    this.#writes.push(statements);
    if (this.#committed === undefined) {
      this.#committed = Promise.withResolvers<void>();
      this.#committed.promise.catch(() => {});
      queueMicrotask(() => this.flush());
    }
    return this.#committed.promise;
  }

  /** Commits what is queued, now. Failure shows in the promises of the writes. */
  flush(): void {
    const committed = this.#committed;
    if (committed === undefined) return;
    const writes = this.#writes;
    this.#writes = [];
    this.#committed = undefined;
    try {
      this.transact(() => writes.forEach((write) => write()));
      committed.resolve();
    } catch (error) {
      this.#failure = new CodedError(
        "file/unwritable",
        `Cannot store ${writes.length} changes of the flow: ${errorMessage(error)}`,
        { cause: error },
      );
      committed.reject(this.#failure);
    }
  }

  /** Runs statements in a transaction of their own, at once. */
  transact<T>(statements: () => T): T {
    this.#database.exec("BEGIN IMMEDIATE");
    try {
      const result = statements();
      this.#database.exec("COMMIT");
      return result;
    } catch (error) {
      if (this.#database.isTransaction) this.#database.exec("ROLLBACK");
      throw error;
    }
  }
}

/** Who doesn't wait for one write learns of its failure by the next: not by an unhandled rejection. */
function quietRejection(error: Error): Promise<never> {
  const rejection = Promise.reject(error);
  rejection.catch(() => {});
  return rejection;
}
