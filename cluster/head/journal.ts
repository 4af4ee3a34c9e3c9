import type { DatabaseSync } from "node:sqlite";
import { transact } from "./transact.ts";

/** How large a journal may get before it is cleaned, whatever lives in it. */
const SMALL_OPERATIONS = 10_000;
const SMALL_BYTES = 32 * 1024 * 1024;
/** Up to so many live items, all are written anew and the rest is dropped unread. */
const FEW_ITEMS = 4_000;
/** Cleaning begins when this many times more is written than lives, and goes this much faster than writing: so the
 * work of cleaning is a fixed share of that of writing. */
const CLEANING_FACTOR = 4;

/** The table that a journal needs. */
export const JOURNAL_SCHEMA = `
CREATE TABLE journal (
  sequence INTEGER PRIMARY KEY,
  operations INTEGER NOT NULL,
  entry BLOB NOT NULL
) STRICT;
`;

/** Says what still lives, so that the rest may be taken away. */
export interface Survivors<Operation> {
  /** How many items live: an item needs at most two operations to be told. */
  readonly liveCount: number;
  /** All that has to be kept. */
  all(): readonly Operation[];
  /** What has to be written again so that the given operations may be forgotten. */
  survivorsOf(operations: readonly Operation[]): readonly Operation[];
}

/** Operations to bytes and back; each entry is read on its own. */
export interface JournalCodec<Operation> {
  /** The bytes may be a view of a buffer that is used again: SQLite copies them before it returns. */
  encode(operations: readonly Operation[]): Uint8Array;
  decode(entry: Uint8Array): readonly Operation[];
}

/** A log of operations in SQLite: one row a batch, so that a batch costs one statement however much it holds. The
 * oldest rows are taken away as what they tell is over; what still lives is written again at the end. Since rows go
 * strictly from the oldest, an operation that ends an item may go with its row: whatever it ended has gone before. */
export class Journal<Operation> {
  readonly #database: DatabaseSync;
  readonly #codec: JournalCodec<Operation>;
  readonly #append;
  readonly #oldest;
  readonly #remove;
  readonly #removeAll;
  #operations = 0;
  #bytes = 0;

  /** @param database with the table of {@linkcode JOURNAL_SCHEMA} */
  constructor(database: DatabaseSync, codec: JournalCodec<Operation>) {
    this.#database = database;
    this.#codec = codec;
    this.#append = database.prepare("INSERT INTO journal (operations, entry) VALUES (?, ?)");
    this.#oldest = database.prepare(
      "SELECT sequence, operations, entry FROM journal ORDER BY sequence LIMIT 1",
    );
    this.#remove = database.prepare("DELETE FROM journal WHERE sequence = ?");
    this.#removeAll = database.prepare("DELETE FROM journal");
  }

  /** Every operation that is kept, in the order of writing. */
  *read(): Generator<Operation> {
    this.#operations = 0;
    this.#bytes = 0;
    const rows = this.#database.prepare("SELECT operations, entry FROM journal ORDER BY sequence");
    for (const row of rows.iterate()) {
      const entry = row.entry as Uint8Array;
      this.#operations += Number(row.operations);
      this.#bytes += entry.byteLength;
      yield* this.#decode(entry);
    }
  }

  /** Writes a batch: all of it, or nothing.
   * @throws when it cannot be written; the journal is as it was */
  append(operations: readonly Operation[], survivors: Survivors<Operation>): void {
    if (!this.#isDueForCleaning(survivors.liveCount)) return this.#write(operations);
    const [operationsBefore, bytesBefore] = [this.#operations, this.#bytes];
    try {
      transact(this.#database, () => {
        if (survivors.liveCount <= FEW_ITEMS) return this.#rewrite(survivors.all());
        this.#write(operations);
        this.#clean(CLEANING_FACTOR * operations.length, survivors);
      });
    } catch (error) {
      [this.#operations, this.#bytes] = [operationsBefore, bytesBefore];
      throw error;
    }
  }

  #isDueForCleaning(liveCount: number): boolean {
    if (this.#operations <= SMALL_OPERATIONS && this.#bytes <= SMALL_BYTES) return false;
    return this.#operations > CLEANING_FACTOR * 2 * liveCount;
  }

  #write(operations: readonly Operation[]): void {
    const entry = this.#codec.encode(operations);
    this.#append.run(operations.length, entry);
    this.#operations += operations.length;
    this.#bytes += entry.byteLength;
  }

  #rewrite(kept: readonly Operation[]): void {
    this.#removeAll.run();
    this.#operations = 0;
    this.#bytes = 0;
    if (kept.length > 0) this.#write(kept);
  }

  /** Takes away rows until as many operations are gone as wanted. */
  #clean(wanted: number, survivors: Survivors<Operation>): void {
    for (let cleaned = 0; cleaned < wanted;) {
      const row = this.#oldest.get();
      if (row === undefined) return;
      const entry = row.entry as Uint8Array;
      const kept = survivors.survivorsOf(this.#decode(entry));
      this.#remove.run(row.sequence);
      this.#operations -= Number(row.operations);
      this.#bytes -= entry.byteLength;
      cleaned += Number(row.operations) - kept.length;
      if (kept.length > 0) this.#write(kept);
      if (!this.#isDueForCleaning(survivors.liveCount)) return;
    }
  }

  #decode(entry: Uint8Array): readonly Operation[] {
    return this.#codec.decode(entry);
  }
}
