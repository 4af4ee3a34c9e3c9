import { libc } from "../objects/libc.ts";

const PR_SET_PDEATHSIG = 1, SIGKILL = 9;

/** Has the system end this process when the one that started it ends, in whatever way: an executor in the middle of a
 * computation would not notice otherwise. Linux only (prctl(2)), and with the permission to call it; else it ends when
 * its task does. */
export function dieWithParent(parentPid: number): void {
  if (libc === undefined) return;
  libc.prctl(PR_SET_PDEATHSIG, BigInt(SIGKILL), 0n, 0n, 0n);
  // It may have ended before we asked.
  if (Deno.ppid !== parentPid) Deno.exit(0);
}
