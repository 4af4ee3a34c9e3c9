import { UserError } from "../base/errors.ts";
import { DEFAULT_PORT } from "./cluster_address.ts";
import { print, runCommand } from "./command.ts";
import { EXIT_CODES } from "./exit_codes.ts";
import { openFailover } from "./failover/fail_over.ts";
import { readHeadRecord } from "./failover/head_record.ts";
import { HeadRelay } from "./head_relay.ts";
import type { CommandSpec, ParsedFlags } from "./flags.ts";
import { untilSignal } from "./until_signal.ts";

const COMMAND: CommandSpec = {
  command: "deno task head:follow",
  summary:
    "Leads workers and clients of this machine to whichever head has its turn: they take its address for the head's.",
  positionals: [],
  flags: [
    {
      name: "failover",
      kind: "value",
      placeholder: "URL",
      help: "Where the heads leave their record: s3://BUCKET/PREFIX, or a folder, absolute.",
    },
    {
      name: "port",
      kind: "value",
      placeholder: "N",
      help: `Port on this machine's loopback (default: ${DEFAULT_PORT}; 0: a free one).`,
    },
  ],
  epilogue: ["It ends by SIGTERM or Ctrl-C. Exit codes: 0 ended · 2 bad input."],
};

async function main({ flags }: ParsedFlags): Promise<number> {
  const url = flags.get("failover");
  if (url === undefined) {
    throw new UserError("command/missing", "Cannot follow a head without --failover", {
      hint: "Give what the heads were given with --failover.",
    });
  }
  const port = Number(flags.get("port") ?? DEFAULT_PORT);
  if (!(Number.isInteger(port) && port >= 0 && port < 65_536)) {
    throw new UserError("command/bad-value", `Cannot listen on port ${flags.get("port")}`, {
      hint: "A port is a number from 0 to 65535.",
    });
  }
  using open = await openFailover(url);
  const headUrl = async () => (await readHeadRecord(open.store))?.record.url ?? undefined;
  await using relay = new HeadRelay(headUrl, port);
  print(`${relay.url}\n`);
  await untilSignal();
  return EXIT_CODES.ok;
}

if (import.meta.main) await runCommand(COMMAND, main);
