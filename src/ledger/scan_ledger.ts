import { type CheckedRecord, checkLine, GENESIS_PREV_HASH, type RecordBody } from "./records.ts";

/** A step that was begun and of whose end nothing is said. */
export interface OpenIntent {
  /** Its number within the ledger, from 1. */
  readonly intent: number;
  /** The kind of step, for instance `optimise`. */
  readonly step: string;
}

/** The first line that is not what it should be. */
export interface BadLine {
  /** From 1. */
  readonly line: number;
  /** What is wrong with it. */
  readonly reason: string;
}

/** What a ledger holds, up to its first bad line. */
export interface LedgerScan {
  readonly records: number;
  /** Of the last good record; 64 zeros when there is none. */
  readonly headHash: string;
  /** Of the genesis; undefined when there is none. */
  readonly runId: string | undefined;
  readonly lastIntent: number;
  readonly openIntents: readonly OpenIntent[];
  readonly firstBad: BadLine | undefined;
  /** Where the last whole line ends. */
  readonly wholeBytes: number;
  /** After the last line feed: what a writer left that died in the middle of a line. */
  readonly tornBytes: number;
}

const READ_BYTES = 262_144;

/** Longer than any record: a file without line feeds is no ledger, and must not be read into memory. */
const MAX_LINE_BYTES = 67_108_864;

/** Reads a ledger from its start to its first bad line, or to its end. Memory does not grow with the file, only with
 * the number of open intents.
 * @param visit is given each good record with its line, from 1, in their order
 * @throws {Deno.errors.NotFound} when there is no such file
 * @throws whatever `visit` throws */
export async function scanLedger(
  path: string,
  visit: (record: CheckedRecord, line: number) => void = () => {},
): Promise<LedgerScan> {
  using file = await Deno.open(path);
  const chain = new ChainCheck(visit);
  const chunk = new Uint8Array(READ_BYTES);
  let carried = new Uint8Array(0);
  let wholeBytes = 0;
  for (let count = await file.read(chunk); count !== null; count = await file.read(chunk)) {
    const bytes = joined(carried, chunk.subarray(0, count));
    let start = 0;
    for (let end = bytes.indexOf(LINE_FEED); end >= 0; end = bytes.indexOf(LINE_FEED, start)) {
      if (!chain.accept(bytes.subarray(start, end))) return chain.result(wholeBytes, 0);
      wholeBytes += end + 1 - start;
      start = end + 1;
    }
    carried = bytes.slice(start);
    if (carried.length > MAX_LINE_BYTES) {
      chain.refuse(`it is longer than ${MAX_LINE_BYTES} bytes`);
      return chain.result(wholeBytes, 0);
    }
  }
  return chain.result(wholeBytes, carried.length);
}

const LINE_FEED = 10;

function joined(head: Uint8Array, tail: Uint8Array): Uint8Array {
  if (head.length === 0) return tail;
  const whole = new Uint8Array(head.length + tail.length);
  whole.set(head);
  whole.set(tail, head.length);
  return whole;
}

const RECORD_TYPES: ReadonlySet<string> = new Set<RecordBody["type"]>([
  "genesis",
  "resumed",
  "repaired",
  "intent",
  "outcome",
]);

/** Takes lines one after the other, and checks that each goes on from the one before. */
class ChainCheck {
  readonly #visit: (record: CheckedRecord, line: number) => void;
  #records = 0;
  #headHash = GENESIS_PREV_HASH;
  #runId: string | undefined;
  #lastIntent = 0;
  readonly #open = new Map<number, string>();
  #firstBad: BadLine | undefined;

  constructor(visit: (record: CheckedRecord, line: number) => void) {
    this.#visit = visit;
  }

  /** Whether the line is good. */
  accept(bytes: Uint8Array): boolean {
    const record = checkLine(bytes);
    const reason = typeof record === "string" ? record : this.#follow(record);
    if (reason !== undefined) this.refuse(reason);
    return reason === undefined;
  }

  refuse(reason: string): void {
    this.#firstBad = { line: this.#records + 1, reason };
  }

  result(wholeBytes: number, tornBytes: number): LedgerScan {
    return {
      records: this.#records,
      headHash: this.#headHash,
      runId: this.#runId,
      lastIntent: this.#lastIntent,
      openIntents: Array.from(this.#open, ([intent, step]) => ({ intent, step })),
      firstBad: this.#firstBad,
      wholeBytes,
      tornBytes,
    };
  }

  /** The reason why the record does not follow, if it doesn't. */
  #follow(record: CheckedRecord): string | undefined {
    if (record.prevHash !== this.#headHash) {
      return `its prev_hash is ${record.prevHash}, the record before has ${this.#headHash}`;
    }
    if ((record.type === "genesis") !== (this.#records === 0)) {
      return `a ${record.type} record cannot be record ${this.#records + 1}`;
    }
    if (!RECORD_TYPES.has(record.type)) return `there is no record of type ${record.type}`;
    if (record.type === "genesis" && record.runId === undefined) return "a genesis without run_id";
    const reason = this.#followIntent(record);
    if (reason !== undefined) return reason;
    this.#records++;
    this.#headHash = record.hash;
    this.#runId ??= record.runId;
    this.#visit(record, this.#records);
    return undefined;
  }

  #followIntent({ type, intent, step }: CheckedRecord): string | undefined {
    if (type !== "intent" && type !== "outcome") return undefined;
    if (!Number.isSafeInteger(intent) || intent === undefined || step === undefined) {
      return `an ${type} without intent or step`;
    }
    if (type === "outcome") {
      return this.#open.delete(intent)
        ? undefined
        : `intent ${intent}, which it closes, is not open`;
    }
    if (intent <= this.#lastIntent) return `intent ${intent} was used before`;
    this.#lastIntent = intent;
    this.#open.set(intent, step);
    return undefined;
  }
}
