import { entriesIfThere, readTextIfThere, removeIfThere } from "../../base/if_there.ts";
import { writeFileAtomic } from "../../base/atomic_file.ts";
import { UserError } from "../../base/errors.ts";
import { parseRunId } from "../../base/ids.ts";
import { lockForWriting, type WriterLock } from "../../base/writer_lock.ts";
import type { OutputFolders } from "../run_folder.ts";

/** A run that a remote does not have all of yet. */
export interface PendingMirror {
  readonly runId: string;
  /** As the configuration named it. */
  readonly remote: string;
}

const SUFFIX = ".json";

/** Takes the right to mirror a run, which a process that dies gives back.
 * @returns undefined when another process has it */
export async function claimMirror(
  folders: OutputFolders,
  runId: string,
): Promise<WriterLock | undefined> {
  await Deno.mkdir(folders.mirror, { recursive: true });
  try {
    return lockForWriting(`${folders.mirror}/${runId}`, {
      subject: "the mirror of a run",
      hint: "Wait until that process has ended.",
    });
  } catch (error) {
    if (error instanceof UserError) return undefined;
    throw error;
  }
}

/** Notes that a run has to be sent: before anything is, so that a process that dies leaves the note. */
export async function notePending(
  folders: OutputFolders,
  { runId, remote }: PendingMirror,
): Promise<void> {
  await writeFileAtomic(`${folders.mirror}/${runId}${SUFFIX}`, JSON.stringify({ remote }));
}

/** Takes the note back: the remote has all of it. */
export function forgetPending(folders: OutputFolders, runId: string): void {
  removeIfThere(`${folders.mirror}/${runId}${SUFFIX}`);
}

/** The runs that are still to be sent, the oldest first. */
export function listPending(folders: OutputFolders): PendingMirror[] {
  const pending: PendingMirror[] = [];
  for (const { name } of entriesIfThere(folders.mirror)) {
    if (name.startsWith(".") || !name.endsWith(SUFFIX)) continue;
    const text = readTextIfThere(`${folders.mirror}/${name}`);
    // Another run has just sent it.
    if (text === undefined) continue;
    const { remote } = JSON.parse(text);
    pending.push({ runId: parseRunId(name.slice(0, -SUFFIX.length)), remote: String(remote) });
  }
  return pending.sort((a, b) => a.runId < b.runId ? -1 : 1);
}
