import { UserError } from "../base/errors.ts";
import { EXIT_CODES } from "./exit_codes.ts";
import { type CommandSpec, type ParsedFlags, parseFlags, renderHelp } from "./flags.ts";

/** Writes text to standard output, as it is. */
export function print(text: string): void {
  Deno.stdout.writeSync(new TextEncoder().encode(text));
}

/** Writes a line to standard error. */
export function printError(line: string): void {
  Deno.stderr.writeSync(new TextEncoder().encode(`${line}\n`));
}

/** Runs a command to the end of the process: reads its flags, shows its help, turns what is thrown into a message and an
 * exit code. A {@linkcode UserError} anywhere among the causes is the user's to mend, and has no stack.
 * @param run gives the exit code */
export async function runCommand(
  spec: CommandSpec,
  run: (input: ParsedFlags) => Promise<number>,
): Promise<never> {
  try {
    // `deno task NAME -- ARGS` hands the dashes on.
    const input = parseFlags(spec, Deno.args[0] === "--" ? Deno.args.slice(1) : Deno.args);
    if (!input.flags.has("help")) Deno.exit(await run(input));
    print(renderHelp(spec));
    Deno.exit(EXIT_CODES.ok);
  } catch (error) {
    const refused = userErrorIn(error);
    printError(`error: ${refused?.message ?? (error instanceof Error ? error.message : error)}`);
    if (refused?.hint !== undefined) printError(`hint: ${refused.hint}`);
    Deno.exit(refused === undefined ? EXIT_CODES.failure : EXIT_CODES.badInput);
  }
}

function userErrorIn(thrown: unknown): UserError | undefined {
  for (let error = thrown; error instanceof Error; error = error.cause) {
    if (error instanceof UserError) return error;
  }
  return undefined;
}
