import { canonicalJson, type Json } from "../base/canonical_json.ts";
import { sha256Hex } from "../base/hash.ts";

/** What a ledger says of the run that it belongs to. */
export interface Genesis {
  /** The run that the ledger is of. */
  readonly runId: string;
  /** The manifest's profile. */
  readonly profile: string;
  /** By name, for instance `{ deno: "2.9.6" }`. */
  readonly versions: Readonly<Record<string, string>>;
  /** Of the user's configuration. */
  readonly manifestHash: string;
  /** Of deno.lock. */
  readonly lockHash: string;
  /** Null outside of a git checkout. */
  readonly gitHash: string | null;
}

/** How a step ended. `cancelled`: on request · `abandoned`: the writer ended, or died, before the step did. */
export type OutcomeStatus = "completed" | "cached" | "failed" | "cancelled" | "abandoned";

/** What a record says, before it is chained.
 * `genesis` opens the ledger · `intent` says that a step begins, `outcome` how it ended: every intent gets one ·
 * `resumed` opens a later execution of the run · `repaired` says what was cut off a torn end. */
export type RecordBody =
  | { readonly type: "genesis" | "resumed"; readonly genesis: Genesis }
  | {
    readonly type: "intent";
    readonly intent: number;
    readonly step: string;
    readonly context: Json;
    readonly inputs: Json;
  }
  | {
    readonly type: "outcome";
    readonly intent: number;
    readonly step: string;
    readonly status: OutcomeStatus;
    readonly outputs: Json;
  }
  | { readonly type: "repaired"; readonly droppedBytes: number };

/** `prev_hash` of the genesis record. */
export const GENESIS_PREV_HASH: string = "0".repeat(64);

/** A record as a line of the ledger. */
export interface ChainedLine {
  /** Without line feed: the record's canonical JSON, with its hash as the last member. */
  readonly text: string;
  readonly hash: string;
}

/** Chains a record: its hash is the SHA-256 of its canonical JSON (RFC 8785) with `prev_hash`, without `hash`.
 * @param at UTC time as ISO 8601
 * @throws {TypeError} naming the path of what JSON cannot hold, such as a NaN among weights */
export function chainRecord(body: RecordBody, at: string, prevHash: string): ChainedLine {
  const text = canonicalJson({ ...toMembers(body), at, prev_hash: prevHash });
  const hash = sha256Hex(text);
  return { text: `${text.slice(0, -1)},"hash":"${hash}"}`, hash };
}

function toMembers(body: RecordBody): Record<string, unknown> {
  switch (body.type) {
    case "genesis":
    case "resumed": {
      const { runId, profile, versions, manifestHash, lockHash, gitHash } = body.genesis;
      return {
        type: body.type,
        run_id: runId,
        profile,
        versions,
        manifest_hash: manifestHash,
        lock_hash: lockHash,
        git_hash: gitHash,
      };
    }
    case "repaired":
      return { type: body.type, dropped_bytes: body.droppedBytes };
    default:
      return { ...body };
  }
}

/** What has to be known of a record to go on from it. */
export interface CheckedRecord {
  readonly type: string;
  readonly prevHash: string;
  readonly hash: string;
  /** Of intents and outcomes. */
  readonly intent: number | undefined;
  /** Of intents and outcomes. */
  readonly step: string | undefined;
  /** Of the genesis. */
  readonly runId: string | undefined;
  /** All that it says, as it is written. */
  readonly members: Readonly<Record<string, Json>>;
}

/** Reads a line and checks it by itself: that it is a record and that its hash is that of its content.
 * @returns the record, or the reason why it is none */
export function checkLine(bytes: Uint8Array): CheckedRecord | string {
  let text: string, record: Record<string, Json>;
  try {
    text = strictUtf8.decode(bytes);
    record = JSON.parse(text);
  } catch (error) {
    return `it is not JSON in UTF-8: ${(error as Error).message}`;
  }
  if (typeof record !== "object" || record === null || Array.isArray(record)) {
    return "it is not a JSON object";
  }
  const { hash, prev_hash: prevHash, type, intent, step, run_id: runId } = record;
  if (typeof hash !== "string" || typeof prevHash !== "string" || typeof type !== "string") {
    return "hash, prev_hash or type is missing";
  }
  const content = canonicalContent(record, text, hash);
  if (content === undefined) return "it is not canonical JSON with its hash as the last member";
  const computed = sha256Hex(content);
  if (computed !== hash) return `its hash is ${hash}, its content has ${computed}`;
  return {
    type,
    prevHash,
    hash,
    intent: typeof intent === "number" ? intent : undefined,
    step: typeof step === "string" ? step : undefined,
    runId: typeof runId === "string" ? runId : undefined,
    members: record,
  };
}

const strictUtf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** The text of a record without its hash, if that is its canonical JSON. A text that only means the same is refused:
 * with a member written twice it would tell people one thing and the hash another. */
function canonicalContent(
  record: Record<string, unknown>,
  text: string,
  hash: string,
): string | undefined {
  const hashMember = `,"hash":"${hash}"}`;
  if (!text.endsWith(hashMember)) return undefined;
  const content = `${text.slice(0, -hashMember.length)}}`;
  // Quicker than to sort and write it anew; no use for keys like "10", which JavaScript orders as numbers.
  const isPlain = JSON.stringify(record) === text && !text.includes("\\ud");
  if (isPlain && hasSortedMembers(record, "hash")) return content;
  const { hash: _, ...members } = record;
  try {
    return canonicalJson(members) === content ? content : undefined;
  } catch {
    return undefined; // a lone surrogate: no text of RFC 8785 holds one
  }
}

function hasSortedMembers(value: unknown, except?: string): boolean {
  if (typeof value !== "object" || value === null) return true;
  if (Array.isArray(value)) return value.every((item) => hasSortedMembers(item));
  let previous: string | undefined;
  for (const key in value) {
    if (key === except) continue;
    if (previous !== undefined && key < previous) return false;
    if (!hasSortedMembers((value as Record<string, unknown>)[key])) return false;
    previous = key;
  }
  return true;
}
