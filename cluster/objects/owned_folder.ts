import { randomBytes } from "node:crypto";
import { removeMemoryFolder } from "./memory_folder.ts";

const LOCK_FILE = "owner.lock";

/** A folder that belongs to this process as long as it lives. */
export interface OwnedFolder extends Disposable {
  readonly path: string;
}

/** Makes a folder for this process, readable by its user alone, and removes those of the same prefix whose
 * processes were killed before they could. A folder's owner holds the lock of a file in it, which the system lets go of
 * when the process ends.
 * @param parent default: the folder for temporary files */
export function makeOwnedFolder(prefix: string, parent = temporaryFolder()): OwnedFolder {
  const path = `${parent}/${prefix}${randomBytes(6).toString("hex")}`;
  Deno.mkdirSync(path, { recursive: true, mode: 0o700 });
  const lock = Deno.openSync(`${path}/${LOCK_FILE}`, { write: true, createNew: true });
  lock.lockSync(true);
  removeAbandoned(parent, prefix);
  return {
    path,
    [Symbol.dispose]() {
      removeFolder(path);
      lock.close();
    },
  };
}

/** With what lies in memory for it. */
function removeFolder(path: string): void {
  removeMemoryFolder(path);
  try {
    Deno.removeSync(path, { recursive: true });
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
}

function temporaryFolder(): string {
  return Deno.env.get("TMPDIR") ?? "/tmp";
}

function removeAbandoned(parent: string, prefix: string): void {
  for (const { name, isDirectory } of Deno.readDirSync(parent)) {
    if (!isDirectory || !name.startsWith(prefix)) continue;
    const path = `${parent}/${name}`;
    try {
      using lock = Deno.openSync(`${path}/${LOCK_FILE}`, { write: true });
      if (lock.tryLockSync(true)) removeFolder(path);
    } catch (error) {
      // Another process is just making it, has just removed it, or another user owns it.
      if (
        !(error instanceof Deno.errors.NotFound || error instanceof Deno.errors.PermissionDenied)
      ) throw error;
    }
  }
}
