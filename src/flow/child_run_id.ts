import { sha256Hex } from "../base/hash.ts";

const MAX_ID_LENGTH = 110;
const DIGITS_OF_HASH = 16;

/** The id of a child: the parent's and the name; where that would be too long, a hash of the parent's. */
export function childRunId(parentRunId: string, name: string): string {
  const id = `${parentRunId}-${name}`;
  return id.length <= MAX_ID_LENGTH
    ? id
    : `${sha256Hex(parentRunId).slice(0, DIGITS_OF_HASH)}-${name}`;
}
