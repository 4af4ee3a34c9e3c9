import { dirname, join } from "@std/path";
import { newId } from "../../src/base/ids.ts";
import { readArchive } from "./archive.ts";
import type { ArchiveLimits } from "./archive.ts";

/** Unpacks an archive into a new folder: all of it, or nothing. Files get no more rights than to be read, written by
 * their owner, and executed where the archive says so.
 * @param folder must not be there yet; its parent must
 * @returns the bytes that its files hold
 * @throws {ArchiveError} for an archive that is not safe; then nothing was written */
export async function unpackArchive(
  archive: Uint8Array,
  folder: string,
  limits: ArchiveLimits,
): Promise<number> {
  const files = readArchive(archive, limits);
  const temporary = join(dirname(folder), `.${newId("tmp")}`);
  try {
    // Folders first: a file must not find another in the making.
    const folders = new Set([
      temporary,
      ...files.map(({ path }) => dirname(join(temporary, path))),
    ]);
    for (const path of folders) await Deno.mkdir(path, { recursive: true, mode: 0o755 });
    await Promise.all(
      files.map(({ path, content, isExecutable }) =>
        Deno.writeFile(join(temporary, path), content, {
          createNew: true,
          mode: isExecutable ? 0o755 : 0o644,
        })
      ),
    );
    await Deno.rename(temporary, folder);
  } catch (error) {
    await Deno.remove(temporary, { recursive: true }).catch(() => {});
    throw error;
  }
  return files.reduce((sum, { content }) => sum + content.byteLength, 0);
}
