import { UserError } from "../base/errors.ts";
import { merkleRoot } from "./merkle.ts";
import { readLedger } from "./read_ledger.ts";

/** What a ledger came to at some time. Kept where its writer cannot reach, it shows later whether records were cut off or
 * the whole chain was written anew: a chain by itself tells neither. */
export interface AnchoredHead {
  readonly runId: string;
  /** How many records there were. */
  readonly records: number;
  /** Of the last of them. */
  readonly headHash: string;
  /** The Merkle root over all of them, for proofs of single records. */
  readonly root: string;
  /** UTC time as ISO 8601. */
  readonly anchoredAt: string;
}

/** A place that keeps heads and forgets none. */
export interface LedgerAnchor {
  /** Keeps a head. One that is there already is kept once.
   * @throws {Error} when it was not kept */
  put(head: AnchoredHead): Promise<void>;
  /** All heads of a run, the one with the fewest records first. */
  list(runId: string): Promise<AnchoredHead[]>;
}

/** Anchors a ledger as it is now, checking it on the way.
 * @param nowMs milliseconds since the Unix epoch
 * @returns what was kept
 * @throws {UserError} when a line is bad, or there is no record
 * @throws {Error} when the anchor did not keep it */
export async function anchorLedger(
  path: string,
  anchor: LedgerAnchor,
  nowMs: number,
): Promise<AnchoredHead> {
  const leaves: Uint8Array[] = [];
  const { records, headHash, runId } = await readLedger(
    path,
    ({ hash }) => leaves.push(Uint8Array.fromHex(hash)),
  );
  if (runId === undefined) {
    throw new UserError("ledger/empty", `Cannot anchor the ledger ${path}: it is empty`);
  }
  const anchoredAt = new Date(nowMs).toISOString();
  const head = { runId, records, headHash, root: merkleRoot(leaves).toHex(), anchoredAt };
  await anchor.put(head);
  return head;
}

/** Checks a ledger against heads that were kept.
 * @returns how it contradicts the first of them that it contradicts; undefined when it goes on from all
 * @throws {UserError} when a line is bad */
export async function findAnchorConflict(
  path: string,
  heads: readonly AnchoredHead[],
): Promise<string | undefined> {
  const wanted = new Set(heads.map(({ records }) => records));
  const hashes = new Map<number, string>();
  const { records: total } = await readLedger(path, ({ line, hash }) => {
    if (wanted.has(line)) hashes.set(line, hash);
  });
  for (const { records, headHash, anchoredAt } of heads) {
    const found = hashes.get(records);
    if (found === undefined) {
      return `it has ${total} records, at ${anchoredAt} it had ${records}: the rest was cut off`;
    }
    if (found !== headHash) {
      return `its record ${records} has the hash ${found}, at ${anchoredAt} it had ${headHash}: it was written anew`;
    }
  }
  return undefined;
}
