/** A file as it was at some time. */
export interface FileState {
  readonly sizeBytes: number;
  readonly modifiedMs: number;
  /** Whether it is only ever appended to, so that its beginning stays what it is. */
  readonly isAppended: boolean;
}

/** What is no part of a run: files that are being written, and locks. */
const PASSING = /(?:^|\/)\.|\.lock$/;
const APPENDED = /\.(?:jsonl|log)$/;

/** The files of a folder and of those in it, by their paths within it, in order. */
export async function listFiles(
  folder: string,
): Promise<{ readonly path: string; readonly state: FileState }[]> {
  const files: { path: string; state: FileState }[] = [];
  const walk = async (prefix: string): Promise<void> => {
    for await (const { name, isFile, isDirectory } of Deno.readDir(`${folder}/${prefix}`)) {
      const path = `${prefix}${name}`;
      if (PASSING.test(path)) continue;
      if (isDirectory) await walk(`${path}/`);
      else if (isFile) {
        const found = await ifThere(() => Deno.stat(`${folder}/${path}`));
        if (found === undefined) continue;
        const { size, mtime } = found;
        const isAppended = APPENDED.test(path);
        files.push({
          path,
          state: { sizeBytes: size, modifiedMs: mtime?.getTime() ?? 0, isAppended },
        });
      }
    }
  };
  await walk("");
  return files.sort((a, b) => a.path < b.path ? -1 : 1);
}

/** The bytes of a file from an offset to its end; undefined when it is gone, or shorter. */
export async function readTail(path: string, from: number): Promise<Uint8Array | undefined> {
  const bytes = await ifThere(() => Deno.readFile(path));
  return bytes === undefined || bytes.length < from ? undefined : bytes.subarray(from);
}

async function ifThere<T>(look: () => Promise<T>): Promise<T | undefined> {
  try {
    return await look();
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
}
