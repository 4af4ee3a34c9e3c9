import { dirname } from "@std/path";
import type { Json } from "../base/canonical_json.ts";
import { type Clock, systemClock } from "../base/clock.ts";
import { UserError } from "../base/errors.ts";
import { LineWriter } from "./line_writer.ts";
import {
  chainRecord,
  type Genesis,
  GENESIS_PREV_HASH,
  type OutcomeStatus,
  type RecordBody,
} from "./records.ts";
import { type LedgerScan, type OpenIntent, scanLedger } from "./scan_ledger.ts";
import { lockForWriting } from "../base/writer_lock.ts";

/** How a ledger is written. */
export interface LedgerOptions {
  /** When the disk is synced: `at-close` survives the death of the process, `every-write` that of the machine, at
   * the price of a sync for each turn of the event loop that wrote. Default: `at-close`. */
  readonly fsync?: "at-close" | "every-write";
  /** Default: the machine's. */
  readonly clock?: Clock;
}

/** A step that was begun: to be given to `outcome`, once. */
export type IntentToken = OpenIntent;

/** The ledger of a run, open for appending. Appending costs the same however long the file is. Records of one turn of
 * the event loop are written together at its end. Disposing of it closes it as abandoned. */
export interface Ledger extends Disposable {
  /** Of the last record. */
  readonly headHash: string;
  /** Says that a step begins.
   * @param context what it is about: window, engine, profile, simulator, dates
   * @param inputs hashes of what it reads
   * @throws {TypeError} naming the path of what JSON cannot hold; nothing is written then
   * @throws {Error} when the ledger is closed, or an earlier record could not be written */
  intent(step: string, context: Json, inputs: Json): IntentToken;
  /** Says how a step ended.
   * @param end.outputs hashes of what it made; for an optimisation, its weights
   * @throws {TypeError} naming the path of what JSON cannot hold, for instance a NaN among weights; the intent stays
   * open then
   * @throws {Error} when the intent is not open, the ledger is closed, or an earlier record could not be written */
  outcome(
    token: IntentToken,
    end: { readonly status: OutcomeStatus; readonly outputs: Json },
  ): void;
  /** Writes what is buffered and syncs the disk.
   * @throws {Error} when that fails, or an earlier write has failed */
  flush(): void;
  /** Closes open intents with a status (default: abandoned), writes everything, syncs, and lets other processes write.
   * Does nothing when it is closed already.
   * @throws {Error} when writing fails; the lock is released all the same */
  close(status?: "cancelled" | "abandoned"): void;
}

/** Opens the ledger of a run for appending, with its folder; starts it by a genesis when there is none. One that is
 * there is checked from its start, then goes on: a torn last line is cut off, which a record says, another says that
 * the run was resumed and by what, and intents that a dead writer left open get the outcome `abandoned`.
 * @param path for instance `artifacts/runs/<run id>/audit.jsonl`
 * @throws {UserError} when another process writes it, when it is another run's, or when a line before the last is
 * bad: such a ledger is evidence, and nothing is appended to it */
export async function openLedger(
  path: string,
  genesis: Genesis,
  options: LedgerOptions = {},
): Promise<Ledger> {
  await Deno.mkdir(dirname(path), { recursive: true });
  const lock = lockForWriting(path, {
    subject: "the ledger",
    hint: "A ledger has one writer: wait until that run has ended, or give another run id.",
  });
  let writer: LineWriter | undefined;
  try {
    writer = new LineWriter(path, options.fsync ?? "at-close");
    const scan = await scanLedger(path);
    refuseBroken(path, scan, genesis);
    if (scan.tornBytes > 0) writer.truncate(scan.wholeBytes);
    const ledger = new ChainWriter(
      writer,
      scan,
      options.clock ?? systemClock,
      () => lock.release(),
    );
    writeOpening(ledger, scan, genesis);
    return ledger;
  } catch (error) {
    writer?.close();
    lock.release();
    throw error;
  }
}

function refuseBroken(path: string, scan: LedgerScan, genesis: Genesis): void {
  if (scan.firstBad !== undefined) {
    const { line, reason } = scan.firstBad;
    throw new UserError(
      "ledger/damaged",
      `Cannot go on with the ledger ${path}: line ${line} is bad, ${reason}`,
      {
        hint: "Keep it as it is and give another run id.",
      },
    );
  }
  if (scan.runId !== undefined && scan.runId !== genesis.runId) {
    throw new UserError(
      "ledger/other-run",
      `Cannot go on with the ledger ${path}: it belongs to run ${scan.runId}, not ${genesis.runId}`,
    );
  }
}

function writeOpening(ledger: ChainWriter, scan: LedgerScan, genesis: Genesis): void {
  const isNew = scan.headHash === GENESIS_PREV_HASH;
  if (isNew) ledger.append({ type: "genesis", genesis });
  if (scan.tornBytes > 0) ledger.append({ type: "repaired", droppedBytes: scan.tornBytes });
  if (!isNew) ledger.append({ type: "resumed", genesis });
  ledger.closeOpenIntents("abandoned");
  ledger.flush();
}

class ChainWriter implements Ledger {
  readonly #writer: LineWriter;
  readonly #clock: Clock;
  readonly #release: () => void;
  readonly #open = new Map<number, string>();
  #headHash: string;
  #lastIntent: number;
  #isClosed = false;

  constructor(writer: LineWriter, scan: LedgerScan, clock: Clock, release: () => void) {
    this.#writer = writer;
    this.#clock = clock;
    this.#release = release;
    this.#headHash = scan.headHash;
    this.#lastIntent = scan.lastIntent;
    for (const { intent, step } of scan.openIntents) this.#open.set(intent, step);
  }

  get headHash(): string {
    return this.#headHash;
  }

  intent(step: string, context: Json, inputs: Json): IntentToken {
    const intent = this.#lastIntent + 1;
    this.append({ type: "intent", intent, step, context, inputs });
    this.#lastIntent = intent;
    this.#open.set(intent, step);
    return { intent, step };
  }

  outcome(token: IntentToken, end: { status: OutcomeStatus; outputs: Json }): void {
    const { intent, step } = token;
    if (!this.#open.has(intent)) {
      throw new Error(`Cannot close intent ${intent} (${step}): it is not open`);
    }
    const { status, outputs } = end;
    this.append({ type: "outcome", intent, step, status, outputs });
    this.#open.delete(intent);
  }

  flush(): void {
    this.#writer.flush();
    this.#writer.sync();
  }

  close(status: "cancelled" | "abandoned" = "abandoned"): void {
    if (this.#isClosed) return;
    try {
      this.closeOpenIntents(status);
      this.flush();
    } finally {
      this.#isClosed = true;
      this.#writer.close();
      this.#release();
    }
  }

  [Symbol.dispose](): void {
    this.close();
  }

  closeOpenIntents(status: "cancelled" | "abandoned"): void {
    for (const [intent, step] of [...this.#open]) {
      this.outcome({ intent, step }, { status, outputs: {} });
    }
  }

  append(body: RecordBody): void {
    if (this.#isClosed) throw new Error(`Cannot append ${body.type} to the ledger: it is closed`);
    const at = new Date(this.#clock.nowMs()).toISOString();
    const { text, hash } = chainRecord(body, at, this.#headHash);
    this.#writer.write(text);
    this.#headHash = hash;
  }
}
