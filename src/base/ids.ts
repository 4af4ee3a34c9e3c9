import { monotonicUlid } from "@std/ulid";
import { UserError } from "./errors.ts";

const RUN_ID_PATTERN = /^[A-Za-z0-9_-]+$/;
const RUN_ID_MAX_LENGTH = 128;

/** A new identifier that sorts by the time of its making: a prefix that says of what, and a ULID. */
export function newId(prefix: string): string {
  return `${prefix}_${monotonicUlid()}`;
}

/** The default name of a run: UTC time to the second, for instance `20261124-052300`. */
export function runIdFromTime(nowMs: number): string {
  return new Date(nowMs).toISOString().slice(0, 19).replaceAll(/[-:]/g, "").replace("T", "-");
}

/** Returns the run id when it is safe as the name of a folder.
 * @throws {UserError} for anything but 1 to 128 letters, digits, `_` and `-` */
export function parseRunId(text: string): string {
  if (!RUN_ID_PATTERN.test(text) || text.length > RUN_ID_MAX_LENGTH) {
    throw new UserError("run/bad-id", `Cannot use ${JSON.stringify(text)} as a run id`, {
      hint: `A run id has 1 to ${RUN_ID_MAX_LENGTH} letters, digits, "_" and "-".`,
    });
  }
  return text;
}
