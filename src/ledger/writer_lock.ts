import { UserError } from "../base/errors.ts";

/** The right to write a ledger: a lock file beside it, locked by the system and holding our process id. The system
 * takes the lock from a process that dies, so that a file left behind locks nobody out, and a process id that was
 * given anew cannot mislead. */
export interface WriterLock {
  /** Removes the lock file. */
  release(): void;
}

/** Takes the lock of a ledger.
 * @throws {UserError} naming the process that has it */
export function lockForWriting(ledgerPath: string): WriterLock {
  const path = `${ledgerPath}.lock`;
  while (true) {
    const file = Deno.openSync(path, { read: true, write: true, create: true });
    if (!file.tryLockSync(true)) {
      file.close();
      throw new UserError(
        `Cannot write the ledger ${ledgerPath}: process ${readOwner(path)} is writing it`,
        { hint: "A ledger has one writer: wait until that run has ended, or give another run id." },
      );
    }
    // Between our opening and our locking the file may have been removed by its owner: then what we have locked is
    // no longer what others will open.
    if (isFileAt(path, file)) {
      file.truncateSync();
      file.writeSync(new TextEncoder().encode(String(Deno.pid)));
      return {
        release() {
          Deno.removeSync(path);
          file.close();
        },
      };
    }
    file.close();
  }
}

function isFileAt(path: string, file: Deno.FsFile): boolean {
  try {
    return Deno.statSync(path).ino === file.statSync().ino;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}

/** "unknown" while the owner is just writing it. */
function readOwner(path: string): string {
  try {
    return Deno.readTextFileSync(path) || "unknown";
  } catch {
    return "unknown";
  }
}
