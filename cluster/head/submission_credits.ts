import { INITIAL_CREDITS } from "../protocol/limits.ts";
import { ProtocolError } from "../protocol/shapes.ts";

/** How many tasks one client's connection may still submit. */
interface Account {
  left: number;
  readonly grant: (tasks: number) => void;
}

/** Bounds the tasks that a head holds: clients submit on credit, and get more while there is room. In all there are at
 * most `maxQueuedTasks`, and {@linkcode INITIAL_CREDITS} more for each client that is connected. */
export class SubmissionCredits {
  readonly #maxQueuedTasks: number;
  readonly #countQueued: () => number;
  /** Those that used up more than half. */
  readonly #low = new Set<Account>();

  /** @param countQueued how many tasks have not ended; asked after their submission was taken in */
  constructor(maxQueuedTasks: number, countQueued: () => number) {
    this.#maxQueuedTasks = maxQueuedTasks;
    this.#countQueued = countQueued;
  }

  /** A new connection begins with the credits that every client knows of.
   * @param grant tells the client of more */
  open(grant: (tasks: number) => void): Account {
    return { left: INITIAL_CREDITS, grant };
  }

  /** A client submits so many tasks.
   * @throws {ProtocolError} when it had not so many credits */
  charge(account: Account, tasks: number): void {
    if (tasks > account.left) {
      throw new ProtocolError(
        `Cannot take ${tasks} tasks: this connection has credits for ${account.left} more`,
      );
    }
    account.left -= tasks;
    if (account.left < INITIAL_CREDITS / 2) this.#low.add(account);
  }

  /** The connection is over. */
  close(account: Account): void {
    this.#low.delete(account);
  }

  /** Gives credits to those that used theirs up, as far as there is room; by large amounts, as each is a message. */
  grant(): void {
    if (this.#low.size === 0) return;
    let room = this.#maxQueuedTasks - this.#countQueued();
    const least = Math.min(INITIAL_CREDITS / 2, Math.ceil(this.#maxQueuedTasks / 10));
    for (const account of this.#low) {
      if (room < least) return;
      const tasks = Math.min(room, INITIAL_CREDITS - account.left);
      account.left += tasks;
      room -= tasks;
      if (account.left >= INITIAL_CREDITS / 2) this.#low.delete(account);
      account.grant(tasks);
    }
  }
}
