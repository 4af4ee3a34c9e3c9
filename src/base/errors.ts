import { ERROR_CODES, type ErrorCode, isErrorCode } from "./error_codes/error_codes.ts";

/** What the user gave cannot be used as it is. The command line prints it without a stack and exits with 2. */
export class UserError extends Error {
  /** Tells it from other errors, also across copies of this module. */
  override readonly name = "UserError";
  /** What to do next, in one sentence: for this case, else for all of its code. */
  readonly hint: string;
  /** What kind of trouble it is, as src/ERRORS.md lists them. */
  readonly code: string;

  /** Takes what cannot be done, why, and the value that was found, as one sentence. */
  constructor(
    code: ErrorCode,
    message: string,
    options: { hint?: string; cause?: unknown } = {},
  ) {
    super(message, { cause: options.cause });
    this.code = code;
    this.hint = options.hint ?? ERROR_CODES[code].advice;
  }
}

/** What failed has a name that programs and people can look up; unlike a {@linkcode UserError}, what was asked for was
 * right, or it is a program and no person that was wrong. */
export class CodedError extends Error {
  /** Takes what cannot be done, why, and the value that was found, as one sentence. */
  constructor(
    /** What kind of trouble it is. */
    readonly code: ErrorCode,
    message: string,
    options: { cause?: unknown } = {},
  ) {
    super(message, options);
  }
}

/** The code of whatever was thrown, or of what caused it: the outermost one, but what a task threw is what its function
 * threw, where that has one. */
export function errorCodeOf(thrown: unknown): ErrorCode {
  let found: ErrorCode = "internal/unexpected";
  for (let error = thrown; error instanceof Error; error = error.cause) {
    const code = "code" in error ? error.code : undefined;
    if (!isErrorCode(code)) continue;
    found = code;
    if (code !== "task/thrown") break;
  }
  return found;
}

/** The message with its code behind it, for records that outlive the error; without one where it says nothing more. */
export function codedMessage(thrown: unknown): string {
  const code = errorCodeOf(thrown);
  const isPlain = code === "internal/unexpected" || code === "task/thrown";
  return isPlain ? errorMessage(thrown) : `${errorMessage(thrown)} [${code}]`;
}

/** Closes a `switch` over a union: the compiler refuses it when a case was forgotten. */
export function assertNever(value: never): never {
  throw new Error(`Cannot handle an unknown variant: ${JSON.stringify(value)}`);
}

/** The message of whatever was thrown: a thrown value need not be an Error. */
export function errorMessage(thrown: unknown): string {
  return thrown instanceof Error ? thrown.message : String(thrown);
}
