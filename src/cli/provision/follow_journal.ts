import { delay } from "@std/async/delay";
import { JOURNAL_FILE, readJournal } from "../../../provision/journal/journal.ts";
import type { JournalEvent } from "../../../provision/planning/events.ts";
import { applyEvent, type ClusterState, emptyState } from "../../../provision/planning/state.ts";
import type { ClusterFolder } from "./cluster_folder.ts";
import { runningKeeper } from "./keeper_info.ts";

const LOOK_MS = 200;

/** How many events the journal of a cluster has: what comes after them is new to whoever asked. */
export function countEvents(folder: ClusterFolder): number {
  return readJournal(`${folder.dir}/${JOURNAL_FILE}`).events.length;
}

/** Follows the journal until what is looked for is so, or its keeper has ended.
 * @param known events that are old news, see {@linkcode countEvents}
 * @param onEvent told every later one
 * @param isDone asked after each look
 * @returns whether it is so */
export async function followJournal(
  folder: ClusterFolder,
  known: number,
  onEvent: (event: JournalEvent) => void,
  isDone: (state: ClusterState) => boolean | Promise<boolean>,
  signal: AbortSignal,
): Promise<boolean> {
  const path = `${folder.dir}/${JOURNAL_FILE}`;
  const state = emptyState();
  let seen = 0;
  while (!signal.aborted) {
    // Asked before the look: what a keeper wrote last is still seen.
    const isKept = runningKeeper(folder) !== undefined;
    const { events } = readJournal(path);
    for (; seen < events.length; seen++) {
      applyEvent(state, events[seen]);
      if (seen >= known) onEvent(events[seen]);
    }
    if (await isDone(state)) return true;
    if (!isKept) return false;
    await delay(LOOK_MS, { signal }).catch(() => {});
  }
  return false;
}
