/** The most memory that a process has had resident so far, in bytes; undefined when it is gone or the system does not
 * tell. Reads VmHWM of /proc (Linux); elsewhere this process answers with what it holds now. */
export function peakMemoryBytes(pid: number): number | undefined {
  try {
    const kilobytes = /^VmHWM:\s+(\d+) kB$/m.exec(Deno.readTextFileSync(`/proc/${pid}/status`))
      ?.[1];
    return kilobytes === undefined ? undefined : Number(kilobytes) * 1024;
  } catch {
    return pid === Deno.pid ? Deno.memoryUsage().rss : undefined;
  }
}
