import { rotateToken } from "../../cluster/client/mod.ts";
import { UserError } from "../base/errors.ts";
import { HEAD_FLAGS, readClusterAddress } from "./cluster_address.ts";
import { print, runCommand } from "./command.ts";
import { parseDurationMs } from "./durations.ts";
import { EXIT_CODES } from "./exit_codes.ts";
import type { CommandSpec, ParsedFlags } from "./flags.ts";
import { writeTokenFile } from "./head_token.ts";

const COMMAND: CommandSpec = {
  command: "deno task cluster:token",
  summary:
    "Gives a cluster another token: ACTION is rotate. The old one is valid for the grace; workers are told the\n" +
    "new one and write it into their own token files, whoever reads the head's file has it at once.",
  positionals: ["ACTION"],
  flags: [
    ...HEAD_FLAGS,
    {
      name: "grace",
      kind: "value",
      placeholder: "TIME",
      help:
        "How long the old token is valid (default: 10m). 0s, when it leaked: it is worth nothing at once, and\n" +
        "workers that do not share the head's token file end; give them the new one.",
    },
  ],
  epilogue: [
    "Sessions of the dashboard end, and the viewer's token changes, too.",
    "Exit codes: 0 rotated · 1 the head cannot be reached or keeps its token in no file · 2 bad input.",
  ],
};

const DEFAULT_GRACE = "10m";

async function main({ flags, positionals: [action] }: ParsedFlags): Promise<number> {
  if (action !== "rotate") {
    throw new UserError("command/unknown", `Cannot do ${JSON.stringify(action)} with a token`, {
      hint: "deno task cluster:token rotate makes a new one.",
    });
  }
  const graceMs = parseDurationMs("grace", flags.get("grace") ?? DEFAULT_GRACE);
  const address = readClusterAddress(flags);
  const token = await rotateToken(address, graceMs);
  if (token !== address.token()) writeTokenFile(address.tokenFile, token);
  const old = graceMs === 0
    ? "the old one is worth nothing any more"
    : `the old one is valid for ${graceMs / 1_000} s more`;
  print(`The new token is in ${address.tokenFile}; ${old}.\n`);
  return EXIT_CODES.ok;
}

if (import.meta.main) await runCommand(COMMAND, main);
