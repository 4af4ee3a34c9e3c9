import { cString, libc } from "./libc.ts";

const PROT_READ = 1, PROT_WRITE = 2, MAP_PRIVATE = 2, O_RDONLY = 0, SEEK_END = 2;
/** MAP_FAILED, (void *) -1. */
const FAILED = 2n ** 64n - 1n;

/** Unmaps what nobody can reach any more. */
const mappings = new FinalizationRegistry<
  { address: NonNullable<Deno.PointerValue>; sizeBytes: number }
>(({ address, sizeBytes }) => libc?.munmap(address, BigInt(sizeBytes)));

let mappedSoFarBytes = 0;

/** Bytes that this process has mapped since its start, those included that it has unmapped again. */
export function bytesMappedSoFar(): number {
  return mappedSoFarBytes;
}

/** The bytes of a file, mapped into memory: all processes of a node share one copy, and pages that are never looked at
 * are never read. Each call has a mapping of its own that is copied on write, so a task that writes into its argument
 * changes nothing for others.
 * @throws {Error} when there is no such file */
export function readMapped(path: string): Uint8Array<ArrayBuffer> {
  if (libc === undefined) return Deno.readFileSync(path);
  const file = libc.open(cString(path), O_RDONLY);
  if (file < 0) throw new Error(`Cannot read ${path}: it is not there`);
  try {
    return mapOpenFile(file, path);
  } finally {
    libc.close(file);
  }
}

function mapOpenFile(file: number, path: string): Uint8Array<ArrayBuffer> {
  const sizeBytes = Number(libc?.lseek(file, 0n, SEEK_END));
  if (sizeBytes === 0) return new Uint8Array(0);
  const protection = PROT_READ | PROT_WRITE;
  const address = libc?.mmap(null, BigInt(sizeBytes), protection, MAP_PRIVATE, file, 0n) ?? null;
  if (address === null || Deno.UnsafePointer.value(address) === FAILED) {
    throw new Error(`Cannot map ${path} into memory: ${sizeBytes} bytes`);
  }
  const buffer = Deno.UnsafePointerView.getArrayBuffer(address, sizeBytes);
  mappings.register(buffer, { address, sizeBytes });
  mappedSoFarBytes += sizeBytes;
  return new Uint8Array(buffer);
}
