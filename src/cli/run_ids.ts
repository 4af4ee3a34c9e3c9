import { systemClock } from "../base/clock.ts";
import { UserError } from "../base/errors.ts";
import { runIdFromTime } from "../base/ids.ts";
import type { OutputFolders, RunFolder } from "../production/run_folder.ts";

/** The time as a run id; with a number when that second has a run already. */
export async function freeRunId(folders: OutputFolders): Promise<string> {
  const base = runIdFromTime(systemClock.nowMs());
  for (let ordinal = 1;; ordinal++) {
    const runId = ordinal === 1 ? base : `${base}-${ordinal}`;
    if (!await isThere(`${folders.runs}/${runId}`)) return runId;
  }
}

/** Makes sure that a run is a new one.
 * @throws {UserError} when its folder is there already */
export async function requireNewRun(run: RunFolder): Promise<void> {
  if (!await isThere(run.path)) return;
  throw new UserError(`Cannot start run ${run.runId}: ${run.path} is there already`, {
    hint: `Go on with it by --resume ${run.runId}, or give another --run-id.`,
  });
}

/** Whether there is anything at a path. */
export async function isThere(path: string): Promise<boolean> {
  try {
    await Deno.lstat(path);
    return true;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}
