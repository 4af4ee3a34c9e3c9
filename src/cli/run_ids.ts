import { isThere } from "../base/if_there.ts";
import { systemClock } from "../base/clock.ts";
import { UserError } from "../base/errors.ts";
import { runIdFromTime } from "../base/ids.ts";
import type { OutputFolders, RunFolder } from "../production/run_folder.ts";

/** The time as a run id; with a number when that second has a run already. */
export function freeRunId(folders: OutputFolders): string {
  const base = runIdFromTime(systemClock.nowMs());
  for (let ordinal = 1;; ordinal++) {
    const runId = ordinal === 1 ? base : `${base}-${ordinal}`;
    if (!isThere(`${folders.runs}/${runId}`)) return runId;
  }
}

/** Makes sure that a run is a new one.
 * @throws {UserError} when its folder is there already */
export function requireNewRun(run: RunFolder): void {
  if (!isThere(run.path)) return;
  throw new UserError("run/exists", `Cannot start run ${run.runId}: ${run.path} is there already`, {
    hint: `Go on with it by --resume ${run.runId}, or give another --run-id.`,
  });
}
