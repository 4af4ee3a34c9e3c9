const PR_SET_PDEATHSIG = 1, SIGKILL = 9;

/** Has the system end this process when the one that started it ends, in whatever way: an executor in the middle of a
 * computation would not notice otherwise. Linux only (prctl(2)), and with the permission to call it; else it ends when
 * its task does. */
export function dieWithParent(parentPid: number): void {
  if (Deno.build.os !== "linux") return;
  if (Deno.permissions.querySync({ name: "ffi" }).state !== "granted") return;
  const libc = Deno.dlopen("libc.so.6", {
    prctl: { parameters: ["i32", "u64", "u64", "u64", "u64"], result: "i32" },
  });
  libc.symbols.prctl(PR_SET_PDEATHSIG, BigInt(SIGKILL), 0n, 0n, 0n);
  libc.close();
  // It may have ended before we asked.
  if (Deno.ppid !== parentPid) Deno.exit(0);
}
