import { decodeObject } from "../../src/base/object_codec.ts";

const PROT_READ = 1, PROT_WRITE = 2, MAP_PRIVATE = 2, O_RDONLY = 0;

const SYMBOLS = {
  open: { parameters: ["buffer", "i32"], result: "i32" },
  close: { parameters: ["i32"], result: "i32" },
  mmap: { parameters: ["pointer", "usize", "i32", "i32", "i32", "i64"], result: "pointer" },
  munmap: { parameters: ["pointer", "usize"], result: "i32" },
} as const;

/** Below this a file is read: mapping costs more than copying. */
const MIN_MAPPED_BYTES = 256 * 1024;

const libc = openLibc();

/** Unmaps what nobody can reach any more. */
const mappings = new FinalizationRegistry<
  { address: NonNullable<Deno.PointerValue>; sizeBytes: number }
>(
  ({ address, sizeBytes }) => libc?.symbols.munmap(address, BigInt(sizeBytes)),
);

/** The value of an object's file. A large one is mapped into memory: all processes of a node share one copy, and pages
 * that are never looked at are never read. Each call has a mapping of its own that is copied on write, so a task that
 * writes into its argument changes nothing for others.
 * @throws {TypeError} when the file is no object */
export async function readObjectFile(path: string): Promise<unknown> {
  const { size } = await Deno.stat(path);
  const mapped = size < MIN_MAPPED_BYTES ? undefined : mapFile(path, size);
  return decodeObject(mapped ?? await Deno.readFile(path));
}

/** The file's bytes as memory; undefined where the system has no such thing. */
function mapFile(path: string, sizeBytes: number): Uint8Array<ArrayBuffer> | undefined {
  if (libc === undefined) return undefined;
  const file = libc.symbols.open(new TextEncoder().encode(`${path}\0`), O_RDONLY);
  if (file < 0) return undefined;
  const address = libc.symbols.mmap(
    null,
    BigInt(sizeBytes),
    PROT_READ | PROT_WRITE,
    MAP_PRIVATE,
    file,
    0n,
  );
  libc.symbols.close(file);
  if (address === null || Deno.UnsafePointer.value(address) === FAILED) return undefined;
  const buffer = Deno.UnsafePointerView.getArrayBuffer(address, sizeBytes);
  mappings.register(buffer, { address, sizeBytes });
  return new Uint8Array(buffer);
}

/** MAP_FAILED, (void *) -1. */
const FAILED = 2n ** 64n - 1n;

function openLibc(): Deno.DynamicLibrary<typeof SYMBOLS> | undefined {
  // The numbers above are those of Linux; elsewhere files are read.
  if (Deno.build.os !== "linux") return undefined;
  try {
    return Deno.dlopen("libc.so.6", SYMBOLS);
  } catch {
    return undefined;
  }
}
