import { randomBytes } from "node:crypto";
import { cString, libc } from "./libc.ts";

const SHARED_MEMORY = "/dev/shm";
/** Of the machine's memory, when nothing else is said. */
const DEFAULT_SHARE = 0.3;
/** Of what is free in shared memory. */
const MAX_SHARE_OF_FREE = 0.8;

/** A folder for objects in memory, and how much may lie in it. */
export interface MemoryFolder {
  readonly path: string;
  readonly limitBytes: number;
}

/** Makes the memory folder of a node: in /dev/shm where that is, can be written and has room for the limit, else next to
 * the node's other files. It is reached by the name `memory` in the node's own folder; {@linkcode removeMemoryFolder}
 * removes it.
 * @param ownFolder the node's own folder
 * @param limitBytes default: three tenths of the machine's memory, or less when less is free in /dev/shm */
export function makeMemoryFolder(ownFolder: string, limitBytes: number | undefined): MemoryFolder {
  const usableBytes = Math.floor(freeSharedBytes() * MAX_SHARE_OF_FREE);
  const wanted = limitBytes ??
    Math.min(Math.floor(Deno.systemMemoryInfo().total * DEFAULT_SHARE), usableBytes || Infinity);
  const path = `${ownFolder}/memory`;
  const shared = `${SHARED_MEMORY}/tradewind-objects-${randomBytes(6).toString("hex")}`;
  const isShared = usableBytes >= wanted && libc?.mkdir(cString(shared), 0o700) === 0;
  if (isShared) libc?.symlink(cString(shared), cString(path));
  else Deno.mkdirSync(path, { mode: 0o700 });
  return { path, limitBytes: wanted };
}

/** Removes the memory folder that belongs to a node's own folder, if there is one. */
export function removeMemoryFolder(ownFolder: string): void {
  const path = `${ownFolder}/memory`;
  try {
    const target = Deno.readLinkSync(path);
    for (const { name } of Deno.readDirSync(path)) libc?.unlink(cString(`${path}/${name}`));
    libc?.rmdir(cString(target));
  } catch {
    // There is none, or it is a folder like others.
  }
}

function freeSharedBytes(): number {
  // struct statvfs of 64-bit Linux: f_bsize, f_frsize, f_blocks, f_bfree, f_bavail, eight bytes each, and more.
  const numbers = new BigUint64Array(32);
  if (libc?.statvfs(cString(SHARED_MEMORY), new Uint8Array(numbers.buffer)) !== 0) return 0;
  const [, unitBytes, , , available] = numbers;
  return Number(unitBytes * available);
}
