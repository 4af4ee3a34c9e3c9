import type { ErrorCode } from "../base/error_codes/error_codes.ts";
import { ERROR_CODES } from "../base/error_codes/error_codes.ts";
import { errorCodeOf, errorMessage, UserError } from "../base/errors.ts";
import { EXIT_CODES } from "./exit_codes.ts";
import { createPainter } from "./progress/terminal_text.ts";

/** How a command ends that could not do what was asked for. */
export interface CommandFailure {
  readonly code: ErrorCode;
  readonly message: string;
  /** What to do next. */
  readonly hint: string;
  readonly exitCode: number;
}

/** Puts what was thrown into words. A {@linkcode UserError} anywhere among the causes is the user's to mend. */
export function failureOf(thrown: unknown): CommandFailure {
  const refused = userErrorIn(thrown);
  if (refused !== undefined) {
    const { message, hint } = refused;
    return { code: errorCodeOf(refused), message, hint, exitCode: EXIT_CODES.badInput };
  }
  const code = errorCodeOf(thrown);
  return {
    code,
    message: errorMessage(thrown),
    hint: ERROR_CODES[code].advice,
    exitCode: EXIT_CODES.failure,
  };
}

/** The lines for people: what is wrong with its code, and what to do.
 * @param useColor whether the code is dim */
export function failureLines({ code, message, hint }: CommandFailure, useColor: boolean): string[] {
  const paint = createPainter(useColor);
  return [`${paint("red", "error")}${paint("dim", `[${code}]`)}: ${message}`, `hint: ${hint}`];
}

/** The line for programs, which asked for JSON. */
export function failureJson({ code, message, hint }: CommandFailure): string {
  return JSON.stringify({ error: { code, message, hint } });
}

function userErrorIn(thrown: unknown): UserError | undefined {
  for (let error = thrown; error instanceof Error; error = error.cause) {
    if (error instanceof UserError) return error;
  }
  return undefined;
}
