/** What a process has of the machine's memory, in bytes. */
export interface ProcessMemory {
  /** Its own, resident or swapped out; without files that it maps, since all processes of a node share those. */
  readonly ownBytes: number;
  /** The most that it has had resident, files included. */
  readonly peakBytes: number;
}

/** What a process has now; undefined when it is gone, or the system has no /proc. Deno lets only processes with all
 * permissions read there. */
export function readProcessMemory(pid: number): ProcessMemory | undefined {
  try {
    const status = Deno.readTextFileSync(`/proc/${pid}/status`);
    const kilobytes = (field: string) =>
      Number(new RegExp(`^${field}:\\s+(\\d+) kB$`, "m").exec(status)?.[1] ?? 0);
    const peakKilobytes = kilobytes("VmHWM");
    // A process that has ended and was not waited for yet has none of these lines.
    if (peakKilobytes === 0) return undefined;
    return {
      ownBytes: (kilobytes("RssAnon") + kilobytes("VmSwap")) * 1024,
      peakBytes: peakKilobytes * 1024,
    };
  } catch {
    return undefined;
  }
}

/** How many processes the kernel has killed for want of memory: of the whole machine, and of our control group where
 * that is told. 0 where neither is.
 * @param root where `/proc` and `/sys` lie */
export function readKernelKills(root = ""): number {
  let kills = 0;
  for (const path of ["/proc/vmstat", "/sys/fs/cgroup/memory.events"]) {
    try {
      kills += Number(/^oom_kill (\d+)$/m.exec(Deno.readTextFileSync(root + path))?.[1] ?? 0);
    } catch {
      // Older kernels and other systems do not tell.
    }
  }
  return kills;
}
