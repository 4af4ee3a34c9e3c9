import { type BadLine, type OpenIntent, scanLedger } from "./scan_ledger.ts";

/** What the check of a ledger found. */
export interface LedgerVerdict {
  /** Whether every line follows from the one before, and the last one is whole. */
  readonly ok: boolean;
  /** Good records, up to the first bad one. */
  readonly records: number;
  /** Of the last good record: kept elsewhere, it shows later whether records were cut off. */
  readonly headHash: string;
  /** Undefined when the genesis is bad. */
  readonly runId: string | undefined;
  /** Undefined when there is none. */
  readonly firstBad: BadLine | undefined;
  /** Steps without an end: the run is going on, or was killed and not resumed. */
  readonly intentsWithoutOutcome: readonly OpenIntent[];
}

/** Checks a ledger from its genesis to its end: each record's hash, its link to the record before, and that outcomes
 * close intents. Reads the file as a stream.
 * @throws {Deno.errors.NotFound} when there is no such file */
export async function verifyLedger(path: string): Promise<LedgerVerdict> {
  const scan = await scanLedger(path);
  const firstBad = scan.firstBad ?? findBadEnd(scan.records, scan.tornBytes);
  return {
    ok: firstBad === undefined,
    records: scan.records,
    headHash: scan.headHash,
    runId: scan.runId,
    firstBad,
    intentsWithoutOutcome: scan.openIntents,
  };
}

function findBadEnd(records: number, tornBytes: number): BadLine | undefined {
  const line = records + 1;
  if (tornBytes > 0) {
    return {
      line,
      reason: `it is torn: ${tornBytes} bytes without a line feed; a resume repairs it`,
    };
  }
  return records === 0 ? { line, reason: "there is no genesis record" } : undefined;
}
