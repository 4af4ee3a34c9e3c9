import { closestString } from "@std/text/closest-string";
import { UserError } from "../base/errors.ts";
import { EXIT_CODES } from "./exit_codes.ts";
import { failureJson, failureLines, failureOf } from "./failure.ts";
import { type CommandSpec, type ParsedFlags, parseFlags, renderHelp } from "./flags.ts";

/** Where a command prints: results and messages, line by line. */
export interface Terminal {
  /** A line of the result. */
  out(line: string): void;
  /** A line about what goes on, or went wrong. */
  err(line: string): void;
}

/** One command of a family. */
export interface FamilyCommand {
  readonly spec: CommandSpec;
  /** One line, for the list of commands. */
  readonly brief: string;
  /** @returns the exit code
   * @throws {UserError} for input that cannot be used */
  readonly run: (parsed: ParsedFlags, terminal: Terminal) => Promise<number> | number;
}

/** A command that has commands of its own, such as `deno task audit verify`. */
export interface CommandFamily {
  readonly name: string;
  /** What comes after the name of a command, for the help. */
  readonly takes: string;
  /** One sentence, for the help. */
  readonly purpose: string;
  readonly commands: Readonly<Record<string, FamilyCommand>>;
}

/** Standard output and standard error of this process. */
export const PROCESS_TERMINAL: Terminal = {
  out: (line) => void Deno.stdout.writeSync(new TextEncoder().encode(`${line}\n`)),
  err: (line) => void Deno.stderr.writeSync(new TextEncoder().encode(`${line}\n`)),
};

/** Runs the command of a family that the arguments name.
 * @param args as on the command line
 * @returns the exit code; what is wrong is printed, not thrown */
export async function runFamily(
  family: CommandFamily,
  args: readonly string[],
  terminal: Terminal,
): Promise<number> {
  const { commands } = family;
  // `deno task NAME -- ARGS` hands the dashes on.
  const [name, ...rest] = args[0] === "--" ? args.slice(1) : args;
  if (name === undefined || name === "--help" || name === "-h") {
    terminal.out(usage(family));
    return name === undefined ? EXIT_CODES.badInput : EXIT_CODES.ok;
  }
  try {
    if (!Object.hasOwn(commands, name)) throw unknownCommand(family, name);
    const { spec, run } = commands[name];
    const parsed = parseFlags(spec, rest);
    if (!parsed.flags.has("help")) return await run(parsed, terminal);
    terminal.out(renderHelp(spec).trimEnd());
    return EXIT_CODES.ok;
  } catch (error) {
    const failure = failureOf(error);
    if (rest.includes("--json")) terminal.out(failureJson(failure));
    const useColor = terminal === PROCESS_TERMINAL && Deno.stderr.isTerminal() && !Deno.noColor;
    for (const line of failureLines(failure, useColor)) terminal.err(line);
    return failure.exitCode;
  }
}

function unknownCommand({ name, commands }: CommandFamily, wanted: string): UserError {
  const nearest = closestString(wanted, Object.keys(commands));
  return new UserError(
    "command/unknown",
    `Cannot run ${name} ${wanted}: there is no such command`,
    {
      hint: `The nearest one is ${nearest}. See deno task ${name} --help.`,
    },
  );
}

function usage({ name, takes, purpose, commands }: CommandFamily): string {
  const width = 2 + Math.max(...Object.keys(commands).map((each) => each.length));
  return [
    `deno task ${name} COMMAND ${takes}`,
    "",
    purpose,
    "",
    ...Object.entries(commands).map(([each, { brief }]) => `  ${each.padEnd(width)}${brief}`),
    "",
    `deno task ${name} COMMAND --help tells more.`,
  ].join("\n");
}
