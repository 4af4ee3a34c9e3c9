import { delay } from "@std/async/delay";
import { stopHead } from "../../cluster/client/mod.ts";
import { HEAD_FLAGS, readClusterAddress } from "./cluster_address.ts";
import { print, runCommand } from "./command.ts";
import { parseDurationMs } from "./durations.ts";
import { EXIT_CODES } from "./exit_codes.ts";
import type { CommandSpec, ParsedFlags } from "./flags.ts";

const COMMAND: CommandSpec = {
  command: "deno task cluster:stop",
  summary:
    "Stops a cluster: its workers get nothing new, and end once what they run has ended; then the head ends.\n" +
    "Tasks that have not ended stay in its folder: a head that is started there goes on with them.",
  positionals: [],
  flags: [
    ...HEAD_FLAGS,
    {
      name: "deadline",
      kind: "value",
      placeholder: "TIME",
      help: "How long what runs may go on (default: 60s).",
    },
  ],
  epilogue: ["Exit codes: 0 it has stopped · 1 the head cannot be reached · 2 bad input."],
};

const LOOK_MS = 100;

async function main({ flags }: ParsedFlags): Promise<number> {
  const address = readClusterAddress(flags);
  await stopHead(address, parseDurationMs("deadline", flags.get("deadline") ?? "60s"));
  print(`The head at ${address.headUrl} drains its workers.\n`);
  while (await answers(address.headUrl)) await delay(LOOK_MS);
  print("It has stopped.\n");
  return EXIT_CODES.ok;
}

async function answers(headUrl: string): Promise<boolean> {
  try {
    const response = await fetch(`${headUrl}/healthz`);
    await response.body?.cancel();
    return true;
  } catch {
    return false;
  }
}

if (import.meta.main) await runCommand(COMMAND, main);
