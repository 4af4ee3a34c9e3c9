import { DatabaseSync } from "node:sqlite";
import { Packr } from "msgpackr/pack";
import { writeUnlessFull } from "../../../src/base/full_disk.ts";
import type { AttemptRecord } from "./attempt_record.ts";

/** Records that are written in one row. */
const BATCH_RECORDS = 2_048;
/** How long a record may stay in memory alone. */
const FLUSH_MS = 1_000;
/** Attempts that are kept by default: some 100 bytes each on disk. */
const DEFAULT_RETENTION = 200_000;

const SCHEMA = `
CREATE TABLE IF NOT EXISTS history (
  sequence INTEGER PRIMARY KEY,
  records INTEGER NOT NULL,
  last_ended_ms REAL NOT NULL,
  entry BLOB NOT NULL
) STRICT;
`;

/** Which records are wanted. */
export interface HistoryQuery {
  /** Ended at this time or later; default: all that are kept. */
  readonly sinceMs?: number;
  readonly runId?: string;
  readonly taskId?: string;
}

/** The attempts that ended, the newest of them up to a limit. The newest are in memory, and are written in one row when
 * they are many or a second old: a task costs no statement of its own. The file is apart from the journal, is never
 * synced, and may be lost without harm. */
export class History implements Disposable {
  readonly #database: DatabaseSync;
  readonly #packr = new Packr({ useRecords: true, moreTypes: false });
  readonly #retention: number;
  readonly #insert;
  readonly #oldest;
  readonly #entry;
  readonly #remove;
  #pending: AttemptRecord[] = [];
  #stored: number;
  #flushTimer: ReturnType<typeof setTimeout> | undefined;

  /** @param retention attempts that are kept; the oldest go first */
  constructor(path: string, retention = DEFAULT_RETENTION) {
    this.#retention = retention;
    this.#database = new DatabaseSync(path);
    this.#database.exec(
      `PRAGMA auto_vacuum = FULL; PRAGMA journal_mode = WAL; PRAGMA synchronous = OFF; ${SCHEMA}`,
    );
    this.#insert = this.#database.prepare(
      "INSERT INTO history (records, last_ended_ms, entry) VALUES (?, ?, ?)",
    );
    this.#oldest = this.#database.prepare(
      "SELECT sequence, records FROM history ORDER BY sequence LIMIT 1",
    );
    this.#entry = this.#database.prepare("SELECT entry FROM history WHERE sequence = ?");
    this.#remove = this.#database.prepare("DELETE FROM history WHERE sequence = ?");
    const count = this.#database.prepare("SELECT total(records) AS n FROM history").get();
    this.#stored = Number(count?.n);
  }

  /** Takes an attempt that ended. */
  add(record: AttemptRecord): void {
    this.#pending.push(record);
    if (this.#pending.length >= BATCH_RECORDS) this.#flush();
    else this.#flushTimer ??= setTimeout(() => this.#flush(), FLUSH_MS);
  }

  /** The records that are wanted, in the order in which they ended. */
  *read({ sinceMs = -Infinity, runId, taskId }: HistoryQuery): Generator<AttemptRecord> {
    const rows = this.#database.prepare(
      "SELECT sequence FROM history WHERE last_ended_ms >= ? ORDER BY sequence",
    ).all(Math.max(0, sinceMs));
    const pending = this.#pending;
    const isWanted = (record: AttemptRecord) =>
      record.endedAtMs >= sinceMs && (runId === undefined || record.runId === runId) &&
      (taskId === undefined || record.taskId === taskId);
    // One row at a time: a reader may be slow, and what is dropped meanwhile is not there.
    for (const { sequence } of rows) {
      const row = this.#entry.get(sequence);
      if (row === undefined) continue;
      const records = this.#packr.unpack(row.entry as Uint8Array) as readonly AttemptRecord[];
      yield* records.filter(isWanted);
    }
    yield* pending.filter(isWanted);
  }

  /** Writes what is in memory alone, and closes the file. */
  [Symbol.dispose](): void {
    if (!this.#database.isOpen) return;
    this.#flush();
    this.#database.close();
  }

  #flush(): void {
    clearTimeout(this.#flushTimer);
    this.#flushTimer = undefined;
    const records = this.#pending;
    if (records.length === 0) return;
    this.#pending = [];
    // While the disk is full they are lost.
    writeUnlessFull(() => this.#store(records));
  }

  #store(records: readonly AttemptRecord[]): void {
    // A view of the packer's own buffer: SQLite copies it before this returns.
    this.#insert.run(
      records.length,
      records.reduce((max, { endedAtMs }) => Math.max(max, endedAtMs), 0),
      this.#packr.pack(records),
    );
    this.#stored += records.length;
    while (this.#stored > this.#retention) {
      const row = this.#oldest.get();
      if (row === undefined) return;
      this.#remove.run(row.sequence);
      this.#stored -= Number(row.records);
    }
  }
}
