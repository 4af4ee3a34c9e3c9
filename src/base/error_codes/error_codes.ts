import { COMMAND_CODES } from "./command_codes.ts";
import { DATA_CODES } from "./data_codes.ts";
import { ENGINE_CODES } from "./engine_codes.ts";
import type { ErrorEntry } from "./error_entry.ts";
import { MACHINE_CODES } from "./machine_codes.ts";
import { RUN_CODES } from "./run_codes.ts";

const ENTRIES = {
  ...COMMAND_CODES,
  ...DATA_CODES,
  ...RUN_CODES,
  ...ENGINE_CODES,
  ...MACHINE_CODES,
} as const satisfies Record<string, ErrorEntry>;

/** The stable name of a kind of trouble, for programs and for looking it up: `deno task explain CODE`. A code is never
 * given another meaning. */
export type ErrorCode = keyof typeof ENTRIES;

/** All codes with what they mean and what to do. */
export const ERROR_CODES: Readonly<Record<ErrorCode, ErrorEntry>> = ENTRIES;

/** Whether something is a code: codes of systems and libraries, such as ENOENT, are not. */
export function isErrorCode(value: unknown): value is ErrorCode {
  return typeof value === "string" && Object.hasOwn(ERROR_CODES, value);
}

export type { ErrorEntry };
