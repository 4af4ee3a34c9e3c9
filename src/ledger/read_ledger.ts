import type { Json } from "../base/canonical_json.ts";
import { UserError } from "../base/errors.ts";
import { type LedgerScan, scanLedger } from "./scan_ledger.ts";

/** A record of a ledger, checked. */
export interface LedgerRecord {
  /** From 1. */
  readonly line: number;
  readonly type: string;
  readonly hash: string;
  /** All that it says, as it is written. */
  readonly members: Readonly<Record<string, Json>>;
}

/** Reads a ledger from its start to its end, checking as it goes. A torn last line is left out: the run is going on, or
 * was killed. Memory does not grow with the file.
 * @param visit is given each record, in their order; those before a bad line have been visited when it is found
 * @returns what the whole came to
 * @throws {UserError} naming file and line, when one is bad
 * @throws {Deno.errors.NotFound} when there is no such file */
export async function readLedger(
  path: string,
  visit: (record: LedgerRecord) => void,
): Promise<LedgerScan> {
  const scan = await scanLedger(
    path,
    ({ type, hash, members }, line) => visit({ line, type, hash, members }),
  );
  if (scan.firstBad === undefined) return scan;
  const { line, reason } = scan.firstBad;
  throw new UserError(
    "ledger/damaged",
    `Cannot read the ledger ${path}: line ${line} is bad, ${reason}`,
    {
      hint: "What stands before it can be trusted; nothing after it can.",
    },
  );
}
