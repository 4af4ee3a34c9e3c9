import { dirname } from "@std/path";
import { newId } from "./ids.ts";

/** Writes a whole file or nothing: into a temporary file of the same folder, synced, then renamed. */
export async function writeFileAtomic(path: string, data: Uint8Array | string): Promise<void> {
  await replaceFileAtomic(path, async (temporaryPath) => {
    using file = await Deno.open(temporaryPath, { write: true, createNew: true });
    const bytes = typeof data === "string" ? new TextEncoder().encode(data) : data;
    for (let written = 0; written < bytes.length;) {
      written += await file.write(bytes.subarray(written));
    }
    await file.sync();
  });
}

/** Lets `write` fill a temporary path of the same folder and extension, then renames it to `path`;
 * on failure the temporary file is removed and `path` is as it was. Makes the folder if needed. */
export async function replaceFileAtomic(
  path: string,
  write: (temporaryPath: string) => Promise<void> | void,
): Promise<void> {
  const folder = dirname(path);
  await Deno.mkdir(folder, { recursive: true });
  const extension = path.slice(path.lastIndexOf("."));
  const temporaryPath = `${folder}/.${newId("tmp")}${extension.includes("/") ? "" : extension}`;
  try {
    await write(temporaryPath);
    await Deno.rename(temporaryPath, path);
  } catch (error) {
    await Deno.remove(temporaryPath).catch(() => {});
    throw error;
  }
}
