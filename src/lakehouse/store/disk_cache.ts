import { removeIfThere } from "../../base/if_there.ts";
import { join } from "@std/path";
import { writeFileAtomic } from "../../base/atomic_file.ts";
import { sha256Hex } from "../../base/hash.ts";
import { type CachedFile, planEviction } from "./cache_plan.ts";

const HASH_BYTES = 32;
/** A file that was used so lately is not marked as used again. */
const USE_GRANULARITY_MS = 60_000;

/** Bytes by name in a folder, as far as a limit allows; those that were used longest ago go first. Several processes may
 * use one folder: a file is whole or not there, holds the SHA-256 of what it holds, and one that is removed or damaged
 * is only one that is not there. */
export class DiskCache {
  readonly #dir: string;
  readonly #limitBytes: number;
  /** Bytes that were written since the folder was looked through; at first as if it were full. */
  #unseenBytes: number;

  constructor(dir: string, limitBytes: number) {
    this.#dir = dir;
    this.#limitBytes = limitBytes;
    this.#unseenBytes = limitBytes;
  }

  /** The bytes of a name; undefined when they are not there, or damaged. */
  async get(name: string): Promise<Uint8Array | undefined> {
    const path = this.#path(name);
    try {
      const file = await Deno.readFile(path);
      const bytes = file.subarray(HASH_BYTES);
      if (sha256Hex(bytes) !== file.subarray(0, HASH_BYTES).toHex()) {
        await Deno.remove(path);
        return undefined;
      }
      await markUsed(path);
      return bytes;
    } catch (error) {
      if (error instanceof Deno.errors.NotFound) return undefined;
      throw error;
    }
  }

  /** Keeps bytes under a name; nothing when they alone are over the limit. */
  async put(name: string, bytes: Uint8Array): Promise<void> {
    if (bytes.length + HASH_BYTES > this.#limitBytes) return;
    const file = new Uint8Array(HASH_BYTES + bytes.length);
    file.set(Uint8Array.fromHex(sha256Hex(bytes)));
    file.set(bytes, HASH_BYTES);
    await writeFileAtomic(this.#path(name), file);
    this.#unseenBytes += file.length;
    // Others write there, too: a tenth of the limit is the most that is overlooked.
    if (this.#unseenBytes < this.#limitBytes / 10) return;
    this.#unseenBytes = 0;
    await this.#evict();
  }

  async #evict(): Promise<void> {
    const files: CachedFile[] = [];
    for await (const { name, isFile } of Deno.readDir(this.#dir)) {
      const path = join(this.#dir, name);
      const info = isFile ? await Deno.stat(path).catch(() => undefined) : undefined;
      if (info === undefined) continue;
      files.push({ path, sizeBytes: info.size, usedMs: info.mtime?.getTime() ?? 0 });
    }
    for (const { path } of planEviction(files, this.#limitBytes)) {
      removeIfThere(path);
    }
  }

  /** Names become hashes: they may be as long and as odd as they like. */
  #path(name: string): string {
    return join(this.#dir, sha256Hex(name));
  }
}

async function markUsed(path: string): Promise<void> {
  const now = new Date();
  const { mtime } = await Deno.stat(path);
  if (mtime !== null && now.getTime() - mtime.getTime() < USE_GRANULARITY_MS) return;
  await Deno.utime(path, now, now);
}
