import { closestString } from "@std/text/closest-string";
import { UserError } from "../base/errors.ts";
import {
  type AuditCommand,
  printFailure,
  runAuditCommand,
  type Terminal,
} from "./audit_command.ts";
import { AUDIT_ANCHOR } from "./audit_anchor.ts";
import { AUDIT_CHECK, AUDIT_PROVE } from "./audit_prove.ts";
import { AUDIT_QUERY } from "./audit_query.ts";
import { AUDIT_REPLAY } from "./audit_replay.ts";
import { AUDIT_SHOW } from "./audit_show.ts";
import { AUDIT_VERIFY } from "./audit_verify.ts";
import { EXIT_CODES } from "./exit_codes.ts";

const COMMANDS: Readonly<Record<string, AuditCommand>> = {
  verify: AUDIT_VERIFY,
  show: AUDIT_SHOW,
  query: AUDIT_QUERY,
  replay: AUDIT_REPLAY,
  prove: AUDIT_PROVE,
  check: AUDIT_CHECK,
  anchor: AUDIT_ANCHOR,
};

/** The command `audit`, which has commands of its own.
 * @param args as on the command line
 * @returns the exit code; what is wrong with the input or the ledger is printed, not thrown */
export async function audit(args: readonly string[], terminal: Terminal): Promise<number> {
  const [name, ...rest] = args[0] === "--" ? args.slice(1) : args;
  if (name === undefined || name === "--help" || name === "-h") {
    terminal.out(usage());
    return name === undefined ? EXIT_CODES.badInput : EXIT_CODES.ok;
  }
  const command = Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined;
  if (command !== undefined) return await runAuditCommand(command, rest, terminal);
  const nearest = closestString(name, Object.keys(COMMANDS));
  return printFailure(
    new UserError(`Cannot run audit ${name}: there is no such command`, {
      hint: `The nearest one is ${nearest}. See deno task audit --help.`,
    }),
    terminal,
  );
}

function usage(): string {
  return [
    "deno task audit COMMAND RUN_ID [flags]",
    "",
    "Reads the audit ledger of a run: every decision, chained by hashes.",
    "",
    ...Object.entries(COMMANDS).map(([name, { brief }]) => `  ${name.padEnd(8)}${brief}`),
    "",
    "deno task audit COMMAND --help tells more.",
  ].join("\n");
}

if (import.meta.main) {
  const encoder = new TextEncoder();
  const exitCode = await audit(Deno.args, {
    out: (line) => Deno.stdout.writeSync(encoder.encode(`${line}\n`)),
    err: (line) => Deno.stderr.writeSync(encoder.encode(`${line}\n`)),
  });
  Deno.exit(exitCode);
}
