import { dirname, join } from "@std/path";

/** The locks of runs that are being executed: the system lets go of a lock when its process dies, however it dies, and
 * a process id that was given anew cannot mislead. Lock files are opened and removed inside write transactions of the
 * store alone, so that nobody can lock a file that is just being removed. */
export class RunLocks {
  readonly #folder: string;

  /** @param folder made when the first lock is taken */
  constructor(folder: string) {
    this.#folder = folder;
  }

  /** Takes the lock of a run; undefined when somebody has it. */
  take(runId: string): RunLock | undefined {
    const path = this.#pathOf(runId);
    Deno.mkdirSync(dirname(path), { recursive: true });
    const file = Deno.openSync(path, { create: true, write: true });
    if (!file.tryLockSync(true)) {
      file.close();
      return undefined;
    }
    return {
      letGo: () => file.close(),
      remove: () => {
        Deno.removeSync(path);
        file.close();
      },
    };
  }

  /** Whether somebody has the lock of a run. */
  isTaken(runId: string): boolean {
    let file: Deno.FsFile;
    try {
      file = Deno.openSync(this.#pathOf(runId), { write: true });
    } catch (error) {
      if (error instanceof Deno.errors.NotFound) return false;
      throw error;
    }
    try {
      return !file.tryLockSync(true);
    } finally {
      file.close();
    }
  }

  #pathOf(runId: string): string {
    return join(this.#folder, `${runId}.lock`);
  }
}

/** A lock that is held. */
export interface RunLock {
  /** Lets others have it. */
  letGo(): void;
  /** Lets others have it, and takes its file away: the run has ended. */
  remove(): void;
}
