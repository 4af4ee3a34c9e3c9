/** A file's text; undefined when there is no such file.
 * @throws when it is there and cannot be read */
export function readTextIfThere(path: string): string | undefined {
  return ifThere(() => Deno.readTextFileSync(path));
}

/** A file's size in bytes; undefined when there is no such file.
 * @throws when it cannot be looked at */
export function sizeBytesIfThere(path: string): number | undefined {
  return ifThere(() => Deno.statSync(path).size);
}

function ifThere<T>(look: () => T): T | undefined {
  try {
    return look();
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
}
