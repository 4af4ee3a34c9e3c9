import { UserError } from "./errors.ts";

/** The right to write a file: a lock file beside it, locked by the system and holding our process id. The system
 * takes the lock from a process that dies, so that a file left behind locks nobody out, and a process id that was
 * given anew cannot mislead. */
export interface WriterLock {
  /** Removes the lock file. */
  release(): void;
}

/** Takes the lock of a file.
 * @param subject what the file is, for the message, for instance "the ledger"
 * @param hint what to do when another process has it
 * @throws {UserError} naming the process that has it */
export function lockForWriting(
  lockedPath: string,
  { subject, hint }: { readonly subject: string; readonly hint: string },
): WriterLock {
  const path = `${lockedPath}.lock`;
  while (true) {
    const file = Deno.openSync(path, { read: true, write: true, create: true });
    if (!file.tryLockSync(true)) {
      file.close();
      throw new UserError(
        "file/in-use",
        `Cannot write ${subject} ${lockedPath}: process ${readOwner(path)} is writing it`,
        { hint },
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
