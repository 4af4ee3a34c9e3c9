import { removeIfThere } from "../../src/base/if_there.ts";
import { deadline } from "@std/async/deadline";
import { DatabaseSync } from "node:sqlite";

/** Where the state of a head goes besides its own disk: anything that keeps bytes in order. */
export interface StateTarget {
  /** Takes all that there is; what was appended before is needed no more. */
  snapshot(bytes: Uint8Array): Promise<void>;
  /** Takes what has changed since the last call of either kind. */
  append(changes: Uint8Array): Promise<void>;
}

/** What can be streamed: a store between two of its commits. */
export interface StreamedStore {
  /** All of it, as the bytes of an SQLite file; changes count from here on. */
  snapshot(): Uint8Array;
  /** What was written since the last call of either kind; empty: nothing. */
  changes(): Uint8Array;
}

/** How a state is streamed. */
export interface StateStreamOptions {
  readonly target: StateTarget;
  /** How long changes are collected: so much, and what is just under way, is lost with the machine. Default: 200 ms. */
  readonly intervalMs?: number;
  /** Told why something could not be sent; all is sent anew then. */
  readonly onTrouble: (error: unknown) => void;
}

const INTERVAL_MS = 200;
/** After a trouble comes a snapshot, which is work: a target that stays away is asked less and less often. */
const MAX_PAUSE_MS = 30_000;
/** At the end, a target that does not answer is waited for no longer: another head may be about to take over. */
const LAST_MS = 2_000;
/** A new snapshot is due when the changes since the last one are so many, or take this many times as much. */
const MAX_APPENDS = 500;
const FACTOR = 2;
const SMALL_BYTES = 1024 * 1024;

/** Sends what a head must not forget to a second place as it comes: first all, then what changes, so that a head that is
 * started elsewhere goes on from there. What it lacks is bounded by the interval and one sending. */
export class StateStream implements AsyncDisposable {
  readonly #store: StreamedStore;
  readonly #options: StateStreamOptions;
  /** Resolves when the target has a first snapshot. */
  readonly begun: Promise<void>;
  readonly #begun = Promise.withResolvers<void>();
  #timer: ReturnType<typeof setTimeout> | undefined;
  #sending: Promise<void> = Promise.resolve();
  #snapshotBytes = 0;
  #appends = Infinity;
  #appendedBytes = 0;
  #isClosed = false;
  #pauseMs: number;

  constructor(store: StreamedStore, options: StateStreamOptions) {
    this.#store = store;
    this.#options = options;
    this.#pauseMs = this.#intervalMs;
    this.begun = this.#begun.promise;
    this.#turn();
  }

  /** Sends what was written until now. */
  async flush(): Promise<void> {
    await this.#sending;
    await this.#send();
  }

  /** Sends the rest, and ends. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#isClosed = true;
    clearTimeout(this.#timer);
    await deadline(this.flush(), LAST_MS).catch(this.#options.onTrouble);
  }

  get #intervalMs(): number {
    return this.#options.intervalMs ?? INTERVAL_MS;
  }

  #turn(): void {
    this.#sending = this.#send().then(() => {
      this.#pauseMs = this.#intervalMs;
    }, (error) => {
      // Whether the last changes have arrived is unknown.
      this.#appends = Infinity;
      this.#pauseMs = Math.min(MAX_PAUSE_MS, 2 * this.#pauseMs);
      this.#options.onTrouble(error);
    }).then(() => {
      if (this.#isClosed) return;
      this.#timer = setTimeout(() => this.#turn(), this.#pauseMs);
    });
  }

  async #send(): Promise<void> {
    const { target } = this.#options;
    if (this.#isSnapshotDue()) {
      const bytes = this.#store.snapshot();
      await target.snapshot(bytes);
      this.#snapshotBytes = bytes.byteLength;
      this.#appends = 0;
      this.#appendedBytes = 0;
      return this.#begun.resolve();
    }
    const changes = this.#store.changes();
    if (changes.byteLength === 0) return;
    await target.append(changes);
    this.#appends++;
    this.#appendedBytes += changes.byteLength;
  }

  #isSnapshotDue(): boolean {
    return this.#appends >= MAX_APPENDS ||
      this.#appendedBytes > Math.max(SMALL_BYTES, FACTOR * this.#snapshotBytes);
  }
}

/** Makes the file of a head's store from what was streamed.
 * @param path of `head.db`, which is written anew
 * @param changes since the snapshot, in their order
 * @throws {Error} when one does not follow from what came before */
export function restoreState(
  path: string,
  snapshot: Uint8Array,
  changes: readonly Uint8Array[],
): void {
  for (const suffix of ["-wal", "-shm"]) removeIfThere(`${path}${suffix}`);
  Deno.writeFileSync(path, snapshot, { mode: 0o600 });
  const database = new DatabaseSync(path);
  try {
    for (const [index, change] of changes.entries()) {
      if (!database.applyChangeset(change)) {
        throw new Error(`Cannot restore ${path}: change ${index} of ${changes.length} conflicts`);
      }
    }
  } finally {
    database.close();
  }
}
