import { dirname } from "@std/path";

const PREFIX = "tradewind-head-";
const LOCK_FILE = "owner.lock";

/** A temporary folder that belongs to this process as long as it lives. */
export interface StateDir extends AsyncDisposable {
  readonly path: string;
}

/** Makes a folder for the state of an embedded cluster, and removes those of processes that were killed before they
 * could. A folder's owner holds the lock of a file in it, which the system lets go of when the process ends. */
export async function makeStateDir(): Promise<StateDir> {
  const path = await Deno.makeTempDir({ prefix: PREFIX });
  const lock = await Deno.open(`${path}/${LOCK_FILE}`, { write: true, createNew: true });
  await lock.lock(true);
  await removeAbandoned(dirname(path));
  return {
    path,
    async [Symbol.asyncDispose]() {
      await Deno.remove(path, { recursive: true });
      lock.close();
    },
  };
}

async function removeAbandoned(temporaryDir: string): Promise<void> {
  for await (const { name, isDirectory } of Deno.readDir(temporaryDir)) {
    if (!isDirectory || !name.startsWith(PREFIX)) continue;
    const path = `${temporaryDir}/${name}`;
    try {
      using lock = await Deno.open(`${path}/${LOCK_FILE}`, { write: true });
      if (await lock.tryLock(true)) await Deno.remove(path, { recursive: true });
    } catch (error) {
      // Another process is just making it, has just removed it, or another user owns it.
      if (
        !(error instanceof Deno.errors.NotFound || error instanceof Deno.errors.PermissionDenied)
      ) throw error;
    }
  }
}
