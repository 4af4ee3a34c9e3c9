import { readTextIfThere } from "../../src/base/if_there.ts";
import { dirname } from "@std/path";
import { type Clock, systemClock } from "../../src/base/clock.ts";
import { UserError } from "../../src/base/errors.ts";
import { lockForWriting, type WriterLock } from "../../src/base/writer_lock.ts";
import type { JournalEvent, JournalEventBody } from "../planning/events.ts";
import { applyEvent, type ClusterState, emptyState } from "../planning/state.ts";

/** The name of a journal's file in a cluster's folder. */
export const JOURNAL_FILE = "journal.jsonl";

/** The journal of a cluster: one event a line, on the disk before anything is done about it. It has one writer; a line
 * that a dying writer left unfinished is cut off by the next. */
export class Journal implements Disposable {
  /** The fold of all events. */
  readonly state: ClusterState = emptyState();
  readonly #file: Deno.FsFile;
  readonly #lock: WriterLock;
  readonly #clock: Clock;
  readonly #onEvent: (event: JournalEvent) => void;

  /** Opens the journal in a cluster's folder, or begins one there.
   * @param onEvent told every event that is written from now on
   * @throws {UserError} naming the process that writes it, and for a line before the last that is none */
  constructor(
    clusterDir: string,
    { clock = systemClock, onEvent = () => {} }: {
      readonly clock?: Clock;
      readonly onEvent?: (event: JournalEvent) => void;
    } = {},
  ) {
    const path = `${clusterDir}/${JOURNAL_FILE}`;
    Deno.mkdirSync(clusterDir, { recursive: true, mode: 0o700 });
    this.#lock = lockForWriting(path, {
      subject: "the cluster's journal",
      hint: "A cluster has one keeper: cluster:status shows what it does.",
    });
    this.#clock = clock;
    this.#onEvent = onEvent;
    try {
      const { events, wholeBytes } = readJournal(path);
      for (const event of events) applyEvent(this.state, event);
      this.#file = Deno.openSync(path, { write: true, create: true, mode: 0o600 });
      this.#file.truncateSync(wholeBytes);
      this.#file.seekSync(wholeBytes, Deno.SeekMode.Start);
      syncFolder(dirname(path));
    } catch (error) {
      this.#lock.release();
      throw error;
    }
  }

  /** Writes an event, and lets it change the state: when this returns, it is on the disk.
   * @throws when it cannot be written; the state is as it was */
  append(body: JournalEventBody): void {
    const event: JournalEvent = { ...body, atMs: this.#clock.nowMs() };
    const line = new TextEncoder().encode(`${JSON.stringify(event)}\n`);
    for (let written = 0; written < line.length;) {
      written += this.#file.writeSync(line.subarray(written));
    }
    this.#file.syncDataSync();
    applyEvent(this.state, event);
    this.#onEvent(event);
  }

  /** Closes the file and lets another process write. */
  [Symbol.dispose](): void {
    this.#file.close();
    this.#lock.release();
  }
}

/** The events of a journal, also while another process writes it; none when there is no file.
 * @returns the events of whole lines, and how many bytes these are
 * @throws {UserError} for a line before the last that is no event: nothing is guessed about machines that cost money */
export function readJournal(path: string): {
  readonly events: readonly JournalEvent[];
  readonly wholeBytes: number;
} {
  const text = readTextIfThere(path) ?? "";
  const whole = text.slice(0, text.lastIndexOf("\n") + 1);
  const events = whole.split("\n").slice(0, -1).map((line, i) => {
    try {
      return JSON.parse(line) as JournalEvent;
    } catch (cause) {
      throw new UserError(
        "cluster/damaged-journal",
        `Cannot read line ${i + 1} of ${path}: ${JSON.stringify(line)}`,
        {
          hint: "Move the file away: machines are found again by their tags.",
          cause,
        },
      );
    }
  });
  return { events, wholeBytes: new TextEncoder().encode(whole).length };
}

/** A new file is on the disk only when its folder is. */
function syncFolder(folder: string): void {
  using file = Deno.openSync(folder, { read: true });
  file.syncSync();
}
