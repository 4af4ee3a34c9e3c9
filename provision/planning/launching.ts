import type { Observed, Wanted } from "../plan.ts";
import type { Action } from "./actions.ts";
import { type Absence, absenceKey, isBelieved } from "./sightings.ts";
import type { LaunchRecord } from "./state.ts";

/** An unanswered launch is called again for so long; then its machines are only looked for. */
const LAUNCH_PATIENCE_MS = 600_000;

/** Calls launches that are due, and gives up those of which nothing was ever seen. */
export function launchActions(wanted: Wanted, observed: Observed, nowMs: number): Action[] {
  const open = [...observed.state.launches.values()].filter(({ phase }) => phase === "open");
  return open.flatMap((launch): Action[] => {
    const { launchId } = launch;
    const why = reasonToStop(wanted, observed, launch, nowMs);
    if (why === undefined) {
      return nowMs >= launch.nextCallAtMs ? [{ type: "CallLaunch", launchId }] : [];
    }
    // A call that was made may still arrive, or have arrived: it is given up when no machine of it was seen for long.
    const absence = observed.absences.get(absenceKey("launch", launchId));
    const isSafe = launch.calls === 0 ||
      absence !== undefined && isBelieved(since(absence, launch.lastCallAtMs), nowMs);
    return isSafe ? [{ type: "AbandonLaunch", launchId, reason: why }] : [];
  });
}

function reasonToStop(
  { end }: Wanted,
  { state }: Observed,
  launch: LaunchRecord,
  nowMs: number,
): string | undefined {
  if (end) return "the cluster shall end";
  if (state.stopped !== undefined) return `stopped: ${state.stopped.code}`;
  const age = nowMs - launch.intendedAtMs;
  return age >= LAUNCH_PATIENCE_MS ? "the provider did not answer for 10 minutes" : undefined;
}

/** What was missing before the last call says nothing about it. */
function since(absence: Absence, lastCallAtMs = 0): Absence {
  return { ...absence, sinceMs: Math.max(absence.sinceMs, lastCallAtMs) };
}
