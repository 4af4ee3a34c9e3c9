import process from "node:process";

/** The most memory that this process has had resident so far, in bytes. */
export function ownPeakMemoryBytes(): number {
  // getrusage(2) gives kilobytes.
  return process.resourceUsage().maxRSS * 1024;
}

/** The same of another process; undefined when it is gone, or the system has no /proc. Deno lets only processes with
 * all permissions read there. */
export function peakMemoryBytes(pid: number): number | undefined {
  try {
    const kilobytes = /^VmHWM:\s+(\d+) kB$/m.exec(Deno.readTextFileSync(`/proc/${pid}/status`))
      ?.[1];
    return kilobytes === undefined ? undefined : Number(kilobytes) * 1024;
  } catch {
    return undefined;
  }
}
