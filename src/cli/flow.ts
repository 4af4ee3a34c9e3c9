import { closestString } from "@std/text/closest-string";
import { UserError } from "../base/errors.ts";
import { EXIT_CODES } from "./exit_codes.ts";
import { FLOW_APPROVE, FLOW_CANCEL, FLOW_PAUSE, FLOW_RESUME } from "./flow/control.ts";
import { FLOW_DEPLOY, FLOW_SCHEDULE } from "./flow/deploy.ts";
import {
  type FlowCommand,
  printFailure,
  runFlowCommand,
  type Terminal,
} from "./flow/flow_command.ts";
import { FLOW_LS } from "./flow/list.ts";
import { FLOW_LIMIT, FLOW_NOTIFY } from "./flow/rules.ts";
import { FLOW_RETRY, FLOW_RUN } from "./flow/run.ts";
import { FLOW_SERVE } from "./flow/serve.ts";
import { FLOW_LOGS, FLOW_SHOW } from "./flow/show.ts";

const COMMANDS: Readonly<Record<string, FlowCommand>> = {
  deploy: FLOW_DEPLOY,
  schedule: FLOW_SCHEDULE,
  run: FLOW_RUN,
  ls: FLOW_LS,
  show: FLOW_SHOW,
  logs: FLOW_LOGS,
  cancel: FLOW_CANCEL,
  retry: FLOW_RETRY,
  pause: FLOW_PAUSE,
  resume: FLOW_RESUME,
  approve: FLOW_APPROVE,
  limit: FLOW_LIMIT,
  notify: FLOW_NOTIFY,
  serve: FLOW_SERVE,
};

/** The command `flow`, which has commands of its own.
 * @param args as on the command line
 * @returns the exit code; what is wrong is printed, not thrown */
export async function flowCommand(args: readonly string[], terminal: Terminal): Promise<number> {
  const [name, ...rest] = args[0] === "--" ? args.slice(1) : args;
  if (name === undefined || name === "--help" || name === "-h") {
    terminal.out(usage());
    return name === undefined ? EXIT_CODES.badInput : EXIT_CODES.ok;
  }
  const command = Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined;
  if (command !== undefined) return await runFlowCommand(command, rest, terminal);
  const nearest = closestString(name, Object.keys(COMMANDS));
  return printFailure(
    new UserError(`Cannot run flow ${name}: there is no such command`, {
      hint: `The nearest one is ${nearest}. See deno task flow -- --help.`,
    }),
    terminal,
  );
}

function usage(): string {
  return [
    "deno task flow -- COMMAND [arguments] [flags]",
    "",
    "Runs flows, by hand and by schedule, and shows and steers their runs.",
    "",
    ...Object.entries(COMMANDS).map(([name, { brief }]) => `  ${name.padEnd(10)}${brief}`),
    "",
    "deno task flow -- COMMAND --help tells more.",
  ].join("\n");
}

if (import.meta.main) {
  const encoder = new TextEncoder();
  const exitCode = await flowCommand(Deno.args, {
    out: (line) => Deno.stdout.writeSync(encoder.encode(`${line}\n`)),
    err: (line) => Deno.stderr.writeSync(encoder.encode(`${line}\n`)),
  });
  Deno.exit(exitCode);
}
