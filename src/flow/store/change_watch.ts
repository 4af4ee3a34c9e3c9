import type { DatabaseSync } from "node:sqlite";

const POLL_MS = 200;

/** Tells that a store may have changed: at once for what this process says, within a fifth of a second for what others
 * have written. Looks only while somebody listens. */
export class ChangeWatch {
  readonly #database: DatabaseSync;
  readonly #listeners = new Set<() => void>();
  #timer: ReturnType<typeof setInterval> | undefined;
  #version = 0;

  constructor(database: DatabaseSync) {
    this.#database = database;
  }

  /** @returns takes the listener away */
  onChange(listener: () => void): () => void {
    this.#listeners.add(listener);
    if (this.#timer === undefined) {
      this.#version = this.#readVersion();
      this.#timer = setInterval(() => this.#look(), POLL_MS);
    }
    return () => {
      this.#listeners.delete(listener);
      if (this.#listeners.size > 0) return;
      clearInterval(this.#timer);
      this.#timer = undefined;
    };
  }

  /** Says that this process has changed something that others wait for. */
  wake(): void {
    for (const listener of [...this.#listeners]) queueMicrotask(listener);
  }

  #look(): void {
    const version = this.#readVersion();
    if (version === this.#version) return;
    this.#version = version;
    this.wake();
  }

  /** Changes with every transaction of another connection. */
  #readVersion(): number {
    const row = this.#database.prepare("PRAGMA data_version").get() as { data_version: number };
    return row.data_version;
  }
}
