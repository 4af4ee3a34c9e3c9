import type { RegionRead } from "./machine.ts";
import type { ClusterState } from "./state.ts";

/** How long and how often something was missing, before its absence is believed: a provider that is eventually
 * consistent does not show at once what was made. */
export interface Absence {
  readonly sinceMs: number;
  readonly reads: number;
}

/** A thing that was missing in so many reads, over so long, is not there. */
const BELIEVED = { reads: 3, ms: 60_000 };

/** Whether an absence is believed. */
export function isBelieved(absence: Absence | undefined, nowMs: number): boolean {
  return absence !== undefined && absence.reads >= BELIEVED.reads &&
    nowMs - absence.sinceMs >= BELIEVED.ms;
}

/** The absences after one more look.
 * @param before by key
 * @param looks each key that was looked for, and whether it was there; a key that was not looked for keeps what it has
 * @returns a new map: what was there is left out */
export function trackAbsences(
  before: ReadonlyMap<string, Absence>,
  looks: ReadonlyMap<string, boolean>,
  nowMs: number,
): Map<string, Absence> {
  const after = new Map(before);
  for (const [key, isThere] of looks) {
    const { sinceMs, reads } = before.get(key) ?? { sinceMs: nowMs, reads: 0 };
    if (isThere) after.delete(key);
    else after.set(key, { sinceMs, reads: reads + 1 });
  }
  return after;
}

/** The key of an absence: of a machine, of every machine of a launch that no node has, or of a node's worker at the
 * head. */
export function absenceKey(kind: "machine" | "launch" | "worker", id: string): string {
  return `${kind}:${id}`;
}

/** What to look for in reads, and whether it is there: for {@linkcode trackAbsences}.
 * @param workers that are registered at the head; undefined: the head was not asked */
export function looksIn(
  state: ClusterState,
  reads: readonly RegionRead[],
  workers: ReadonlyMap<string, unknown> | undefined,
): Map<string, boolean> {
  const looks = new Map<string, boolean>();
  const taken = new Set([...state.nodes.values()].map(({ machineId }) => machineId));
  const readRegions = new Map(reads.map(({ region, machines }) => [region, machines]));
  for (const { nodeId, machineId, region, phase } of state.nodes.values()) {
    if (phase === "gone") continue;
    const shown = readRegions.get(region);
    if (machineId !== undefined && shown !== undefined) {
      const isThere = shown.some((machine) => machine.machineId === machineId);
      looks.set(absenceKey("machine", machineId), isThere);
    }
    if (phase === "ready" && workers !== undefined) {
      looks.set(absenceKey("worker", nodeId), workers.has(nodeId));
    }
  }
  for (const { launchId, region, phase, calls } of state.launches.values()) {
    const shown = readRegions.get(region);
    if (phase === "closed" || calls === 0 || shown === undefined) continue;
    const isThere = shown.some((machine) =>
      machine.launchId === launchId && machine.state !== "ended" && !taken.has(machine.machineId)
    );
    looks.set(absenceKey("launch", launchId), isThere);
  }
  return looks;
}
