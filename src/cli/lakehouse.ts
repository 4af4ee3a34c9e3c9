import { closestString } from "@std/text/closest-string";
import { UserError } from "../base/errors.ts";
import { printFailure, type Terminal } from "./audit_command.ts";
import { EXIT_CODES } from "./exit_codes.ts";
import { parseFlags, renderHelp } from "./flags.ts";
import { EXPORT, IMPORT } from "./lakehouse/exchange.ts";
import { DIFF, HEAD, LS, SCHEMA, SHOW } from "./lakehouse/inspect.ts";
import type { LakehouseCommand } from "./lakehouse/lakehouse_command.ts";
import { GC, SYNC, VERIFY } from "./lakehouse/maintain.ts";
import { progressLine } from "./lakehouse/progress_line.ts";

const COMMANDS: Readonly<Record<string, LakehouseCommand>> = {
  ls: LS,
  show: SHOW,
  schema: SCHEMA,
  head: HEAD,
  diff: DIFF,
  verify: VERIFY,
  sync: SYNC,
  gc: GC,
  import: IMPORT,
  export: EXPORT,
};

/** The command `lakehouse`, which has commands of its own.
 * @param args as on the command line
 * @returns the exit code; what is wrong with the input is printed, not thrown */
export async function lakehouse(args: readonly string[], terminal: Terminal): Promise<number> {
  const [name, ...rest] = args[0] === "--" ? args.slice(1) : args;
  if (name === undefined || name === "--help" || name === "-h") {
    terminal.out(usage());
    return name === undefined ? EXIT_CODES.badInput : EXIT_CODES.ok;
  }
  const command = Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined;
  if (command === undefined) {
    const nearest = closestString(name, Object.keys(COMMANDS));
    const hint = `The nearest one is ${nearest}. See deno task lakehouse --help.`;
    const message = `Cannot run lakehouse ${name}: there is no such command`;
    return printFailure(new UserError(message, { hint }), terminal);
  }
  try {
    const parsed = parseFlags(command.spec, rest);
    if (!parsed.flags.has("help")) {
      const progress = progressLine(parsed.flags.has("json"));
      return await command.run({ ...parsed, terminal, progress });
    }
    terminal.out(renderHelp(command.spec).trimEnd());
    return EXIT_CODES.ok;
  } catch (error) {
    return printFailure(error, terminal);
  }
}

function usage(): string {
  return [
    "deno task lakehouse COMMAND [arguments] [flags]",
    "",
    "Looks after tables in versions, in a folder or in S3.",
    "",
    ...Object.entries(COMMANDS).map(([name, { brief }]) => `  ${name.padEnd(8)}${brief}`),
    "",
    "deno task lakehouse COMMAND --help tells more.",
  ].join("\n");
}

if (import.meta.main) {
  const encoder = new TextEncoder();
  const exitCode = await lakehouse(Deno.args, {
    out: (line) => Deno.stdout.writeSync(encoder.encode(`${line}\n`)),
    err: (line) => Deno.stderr.writeSync(encoder.encode(`${line}\n`)),
  });
  Deno.exit(exitCode);
}
