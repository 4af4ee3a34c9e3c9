/** A process of the tree under a driver. */
export interface TreeProcess {
  readonly pid: number;
  readonly command: string;
  /** Resident now, in bytes. */
  readonly residentBytes: number;
  /** Most resident since {@linkcode resetPeaks}, or since its start, in bytes. */
  readonly peakBytes: number;
}

/** The process and all that descend from it. Pages that processes share count for each of them. Linux only. */
export function processTree(rootPid: number): TreeProcess[] {
  const children = new Map<number, number[]>();
  for (const { name } of Deno.readDirSync("/proc")) {
    const parent = /^\d+$/.test(name) ? parentOf(name) : undefined;
    if (parent === undefined) continue;
    const siblings = children.get(parent);
    if (siblings === undefined) children.set(parent, [Number(name)]);
    else siblings.push(Number(name));
  }
  const pids = [rootPid];
  for (const pid of pids) pids.push(...children.get(pid) ?? []);
  return pids.flatMap(describe);
}

/** Lets the peaks of all given processes start again from what they have resident now. */
export function resetPeaks(processes: readonly TreeProcess[]): void {
  for (const { pid } of processes) {
    // 5 resets the peak: proc(5), /proc/pid/clear_refs.
    ifAlive(() => Deno.writeTextFileSync(`/proc/${pid}/clear_refs`, "5"));
  }
}

/** Kills all given processes that still live. */
export function killAll(processes: readonly TreeProcess[]): void {
  for (const { pid } of processes) ifAlive(() => Deno.kill(pid, "SIGKILL"));
}

function parentOf(pid: string): number | undefined {
  const status = ifAlive(() => Deno.readTextFileSync(`/proc/${pid}/status`));
  const parent = status === undefined ? undefined : /^PPid:\s+(\d+)$/m.exec(status)?.[1];
  return parent === undefined ? undefined : Number(parent);
}

function describe(pid: number): TreeProcess[] {
  return ifAlive(() => {
    const status = Deno.readTextFileSync(`/proc/${pid}/status`);
    const bytes = (name: string) =>
      Number(new RegExp(`^${name}:\\s+(\\d+) kB$`, "m").exec(status)?.[1] ?? 0) * 1024;
    const command = Deno.readTextFileSync(`/proc/${pid}/cmdline`).replaceAll("\0", " ");
    return [{ pid, command, residentBytes: bytes("VmRSS"), peakBytes: bytes("VmHWM") }];
  }) ?? [];
}

/** What a call on a process gives; undefined when the process has ended. */
function ifAlive<R>(call: () => R): R | undefined {
  try {
    return call();
  } catch (error) {
    if (error instanceof Deno.errors.NotFound || error instanceof TypeError) return undefined;
    // Reading the files of a process that just ended fails with ESRCH, which Deno does not name.
    if (error instanceof Error && /os error 3\b/.test(error.message)) return undefined;
    throw error;
  }
}
