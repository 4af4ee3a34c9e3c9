import { EXIT_CODES } from "./exit_codes.ts";
import { failureJson, failureLines, failureOf } from "./failure.ts";
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
 * exit code.
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
    const failure = failureOf(error);
    if (Deno.args.includes("--json")) print(`${failureJson(failure)}\n`);
    const useColor = Deno.stderr.isTerminal() && !Deno.noColor;
    for (const line of failureLines(failure, useColor)) printError(line);
    Deno.exit(failure.exitCode);
  }
}
