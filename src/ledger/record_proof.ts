import { z } from "zod";
import { UserError } from "../base/errors.ts";
import { inclusionPath, rootOfPath } from "./merkle.ts";
import { readLedger } from "./read_ledger.ts";
import { checkLine } from "./records.ts";
import { canonicalJson } from "../base/canonical_json.ts";

const sha256Digits = z.string().regex(/^[0-9a-f]{64}$/, "64 hexadecimal digits are expected");

const recordProof = z.strictObject({
  line: z.int().min(1),
  records: z.int().min(1),
  root: sha256Digits,
  path: z.array(sha256Digits).max(64),
  record: z.record(z.string(), z.unknown()),
});

/** What shows that one record stands in a ledger, without the others. Leaves of the tree are the records' hashes. */
export interface RecordProof {
  /** Of the record, from 1. */
  readonly line: number;
  /** How many the ledger had when it was proven. */
  readonly records: number;
  /** The Merkle root over all of them: to be compared with one that was kept elsewhere. */
  readonly root: string;
  /** Siblings on the way to the root, the lowest first. */
  readonly path: readonly string[];
  /** All that the record says, with its hash. */
  readonly record: Readonly<Record<string, unknown>>;
}

/** Proves a record of a ledger, which is checked on the way.
 * @param line from 1
 * @throws {UserError} when there is no such line, or when a line is bad
 * @throws {Deno.errors.NotFound} when there is no such file */
export async function proveRecord(path: string, line: number): Promise<RecordProof> {
  const leaves: Uint8Array[] = [];
  let record: RecordProof["record"] | undefined;
  await readLedger(path, (read) => {
    leaves.push(Uint8Array.fromHex(read.hash));
    if (read.line === line) record = read.members;
  });
  if (record === undefined) {
    throw new UserError(
      "ledger/no-line",
      `Cannot prove line ${line} of the ledger ${path}: it has ${leaves.length} records`,
    );
  }
  const siblings = inclusionPath(leaves, line - 1);
  // The path leads to the root, in fewer steps than the tree has.
  const root = rootOfPath(leaves[line - 1]!, line - 1, leaves.length, siblings)!;
  return {
    line,
    records: leaves.length,
    root: root.toHex(),
    path: siblings.map((sibling) => sibling.toHex()),
    record,
  };
}

/** Reads a proof from JSON.
 * @throws {UserError} naming what is wrong with it */
export function parseRecordProof(text: string): RecordProof {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw new UserError("ledger/bad-proof", `Cannot read the proof: ${(cause as Error).message}`, {
      cause,
    });
  }
  const parsed = recordProof.safeParse(value);
  if (parsed.success) return parsed.data;
  const [{ path, message }] = parsed.error.issues as [z.core.$ZodIssue];
  throw new UserError(
    "ledger/bad-proof",
    `Cannot read the proof: ${path.join(".") || "the whole"}: ${message}`,
  );
}

/** Checks a proof by itself: that the record's hash is that of its content, and that its path leads to the root.
 * @returns the reason why it proves nothing, or undefined when it holds */
export function findProofFlaw(proof: RecordProof): string | undefined {
  const { hash, ...content } = proof.record;
  let text: string;
  try {
    text = canonicalJson(content);
  } catch (error) {
    return `its record is none: ${(error as Error).message}`;
  }
  const line = `${text.slice(0, -1)},"hash":${JSON.stringify(hash ?? null)}}`;
  const checked = checkLine(new TextEncoder().encode(line));
  if (typeof checked === "string") return `its record is none: ${checked}`;
  const root = rootOfPath(
    Uint8Array.fromHex(checked.hash),
    proof.line - 1,
    proof.records,
    proof.path.map((sibling) => Uint8Array.fromHex(sibling)),
  );
  if (root === undefined) {
    return `its path of ${proof.path.length} does not lead from line ${proof.line} of ${proof.records} to a root`;
  }
  return root.toHex() === proof.root
    ? undefined
    : `its path leads to the root ${root.toHex()}, not to ${proof.root}`;
}
