import { deadline } from "@std/async/deadline";
import { errorMessage } from "../../base/errors.ts";
import { MirrorTakenError, type RunMirror } from "./run_mirror.ts";

/** From the end of one sync to the beginning of the next. */
const PAUSE_MS = 2_000;
/** After failures the pauses grow up to this. */
const MAX_PAUSE_MS = 60_000;
/** How long the end of a run waits for its last sync. */
const LAST_SYNC_MS = 60_000;

/** Syncs a mirror again and again while a run goes on. A remote that cannot be reached does not disturb the run: it is
 * told once, and what is missing is sent when it can be reached again. */
export class MirrorLoop {
  readonly #mirror: Pick<RunMirror, "sync">;
  readonly #onNotice: (message: string) => void;
  readonly #pauseMs: number;
  #failures = 0;
  #isStopped = false;
  #wake: (() => void) | undefined;
  readonly #loop: Promise<void>;

  /** Begins at once.
   * @param onNotice told when the remote is lost, found again, or taken over */
  constructor(
    mirror: Pick<RunMirror, "sync">,
    onNotice: (message: string) => void,
    pauseMs: number = PAUSE_MS,
  ) {
    this.#mirror = mirror;
    this.#onNotice = onNotice;
    this.#pauseMs = pauseMs;
    this.#loop = this.#run();
  }

  /** Ends the loop by a last sync.
   * @returns why not everything was sent; undefined when it was */
  async close(lastSyncMs: number = LAST_SYNC_MS): Promise<string | undefined> {
    this.#isStopped = true;
    this.#wake?.();
    try {
      await deadline(this.#loop.then(() => this.#mirror.sync()), lastSyncMs);
      return undefined;
    } catch (error) {
      return error instanceof DOMException
        ? `the last sync took longer than ${lastSyncMs / 1000} s`
        : errorMessage(error);
    }
  }

  async #run(): Promise<void> {
    while (!this.#isStopped) {
      try {
        await this.#mirror.sync();
        if (this.#failures > 0) this.#onNotice("The remote can be reached again.");
        this.#failures = 0;
      } catch (error) {
        if (this.#failures++ === 0) this.#onNotice(noticeOf(error));
        if (error instanceof MirrorTakenError) return;
      }
      if (!this.#isStopped) await this.#pause();
    }
  }

  async #pause(): Promise<void> {
    const ms = Math.min(MAX_PAUSE_MS, this.#pauseMs * 2 ** Math.min(this.#failures, 10));
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#wake = resolve;
    const timer = setTimeout(resolve, ms);
    await promise;
    clearTimeout(timer);
  }
}

function noticeOf(error: unknown): string {
  return error instanceof MirrorTakenError
    ? error.message
    : `The run is not being mirrored for now, and is sent later: ${errorMessage(error)}`;
}
