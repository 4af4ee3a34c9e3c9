/** The part of the memory that tasks may reserve; the rest is for the daemon and the system. */
const SHARE_FOR_TASKS = 0.9;

/** The memory that the tasks of this machine may have together, in bytes: nine tenths of what there is, or of what our
 * control group may have. */
export function nodeMemoryBytes(): number {
  const totalBytes = Deno.systemMemoryInfo().total;
  return Math.floor(Math.min(totalBytes, controlGroupLimit()) * SHARE_FOR_TASKS);
}

function controlGroupLimit(): number {
  try {
    const limit = Number(Deno.readTextFileSync("/sys/fs/cgroup/memory.max"));
    return limit > 0 ? limit : Infinity;
  } catch {
    return Infinity;
  }
}
