/** What the user gave cannot be used as it is. The command line prints it without a stack and exits with 2. */
export class UserError extends Error {
  /** Tells it from other errors, also across copies of this module. */
  override readonly name = "UserError";
  /** What to do next, in one sentence, where there is something better than reading the message. */
  readonly hint: string | undefined;

  /** Takes what cannot be done, why, and the value that was found, as one sentence. */
  constructor(message: string, options: { hint?: string; cause?: unknown } = {}) {
    super(message, { cause: options.cause });
    this.hint = options.hint;
  }
}

/** Closes a `switch` over a union: the compiler refuses it when a case was forgotten. */
export function assertNever(value: never): never {
  throw new Error(`Cannot handle an unknown variant: ${JSON.stringify(value)}`);
}

/** The message of whatever was thrown: a thrown value need not be an Error. */
export function errorMessage(thrown: unknown): string {
  return thrown instanceof Error ? thrown.message : String(thrown);
}
