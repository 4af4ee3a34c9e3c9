/** Calls of the system's C library. Deno lets only processes with all permissions open files under /dev, where shared
 * memory is, and it maps none: so objects are read and written through here. And it has no way to tie a process to its
 * parent's life. */
const SYMBOLS = {
  open: { parameters: ["buffer", "i32"], result: "i32" },
  creat: { parameters: ["buffer", "u32"], result: "i32" },
  close: { parameters: ["i32"], result: "i32" },
  lseek: { parameters: ["i32", "i64", "i32"], result: "i64" },
  write: { parameters: ["i32", "buffer", "usize"], result: "i64" },
  writeElsewhere: {
    name: "write",
    parameters: ["i32", "buffer", "usize"],
    result: "i64",
    nonblocking: true,
  },
  writevElsewhere: {
    name: "writev",
    parameters: ["i32", "buffer", "i32"],
    result: "i64",
    nonblocking: true,
  },
  rename: { parameters: ["buffer", "buffer"], result: "i32" },
  unlink: { parameters: ["buffer"], result: "i32" },
  symlink: { parameters: ["buffer", "buffer"], result: "i32" },
  mkdir: { parameters: ["buffer", "u32"], result: "i32" },
  rmdir: { parameters: ["buffer"], result: "i32" },
  statvfs: { parameters: ["buffer", "buffer"], result: "i32" },
  mmap: { parameters: ["pointer", "usize", "i32", "i32", "i32", "i64"], result: "pointer" },
  munmap: { parameters: ["pointer", "usize"], result: "i32" },
  prctl: { parameters: ["i32", "u64", "u64", "u64", "u64"], result: "i32" },
} as const;

/** The library; undefined where there is none, or no permission for it: then Deno's own calls are used, which is why
 * nothing lies in shared memory then. */
export const libc: Deno.DynamicLibrary<typeof SYMBOLS>["symbols"] | undefined = openLibc();

/** A path as the library takes it. */
export function cString(path: string): Uint8Array<ArrayBuffer> {
  return new TextEncoder().encode(`${path}\0`);
}

function openLibc(): Deno.DynamicLibrary<typeof SYMBOLS>["symbols"] | undefined {
  // The numbers that its callers use are those of Linux.
  if (Deno.build.os !== "linux") return undefined;
  try {
    return Deno.dlopen("libc.so.6", SYMBOLS).symbols;
  } catch {
    return undefined;
  }
}
