/** A file's text; undefined when there is no such file.
 * @throws when it is there and cannot be read */
export function readTextIfThere(path: string): string | undefined {
  return ifThere(() => Deno.readTextFileSync(path));
}

/** A file's bytes; undefined when there is no such file.
 * @throws when it is there and cannot be read */
export function readBytesIfThere(path: string): Uint8Array<ArrayBuffer> | undefined {
  return ifThere(() => Deno.readFileSync(path));
}

/** A file's size in bytes; undefined when there is no such file.
 * @throws when it cannot be looked at */
export function sizeBytesIfThere(path: string): number | undefined {
  return ifThere(() => Deno.statSync(path).size);
}

/** What is in a folder; nothing when there is no such folder.
 * @throws when it is there and cannot be read */
export function entriesIfThere(folder: string): Deno.DirEntry[] {
  return ifThere(() => [...Deno.readDirSync(folder)]) ?? [];
}

/** Whether there is anything at a path, be it a link that leads nowhere.
 * @throws when it cannot be looked at */
export function isThere(path: string): boolean {
  return ifThere(() => Deno.lstatSync(path)) !== undefined;
}

/** Deletes a file; one that is not there is no mistake.
 * @throws when it is there and cannot be deleted */
export function removeIfThere(path: string): void {
  ifThere(() => Deno.removeSync(path));
}

function ifThere<T>(look: () => T): T | undefined {
  try {
    return look();
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
}
