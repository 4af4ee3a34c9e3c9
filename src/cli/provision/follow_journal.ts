import { delay } from "@std/async/delay";
import { JOURNAL_FILE, readJournal } from "../../../provision/journal/journal.ts";
import type { JournalEvent } from "../../../provision/planning/events.ts";
import { applyEvent, type ClusterState, emptyState } from "../../../provision/planning/state.ts";
import type { ClusterFolder } from "./cluster_folder.ts";
import { runningKeeper } from "./keeper_info.ts";

const LOOK_MS = 200;

/** Follows the journal until what is looked for is so, or its keeper has ended.
 * @param onEvent told every event that is written from now on
 * @param isDone asked after each look
 * @returns whether it is so */
export async function followJournal(
  folder: ClusterFolder,
  onEvent: (event: JournalEvent) => void,
  isDone: (state: ClusterState) => boolean,
  signal: AbortSignal,
): Promise<boolean> {
  const path = `${folder.dir}/${JOURNAL_FILE}`;
  const state = emptyState();
  let seen = -1;
  while (!signal.aborted) {
    // Asked before the look: what a keeper wrote last is still seen.
    const isKept = runningKeeper(folder) !== undefined;
    const { events } = readJournal(path);
    const isFirst = seen < 0;
    for (const event of events.slice(Math.max(0, seen))) {
      applyEvent(state, event);
      if (!isFirst) onEvent(event);
    }
    seen = events.length;
    if (isDone(state)) return true;
    if (!isKept) return false;
    await delay(LOOK_MS, { signal }).catch(() => {});
  }
  return false;
}
