import { PROTOCOL_VERSION } from "../../cluster/client/mod.ts";
import { DEFAULT_PORT, HEAD_FLAGS, namesHead, readClusterAddress } from "./cluster_address.ts";
import { print, runCommand } from "./command.ts";
import { judgeCluster } from "./doctor/cluster.ts";
import { findingsText, summaryText } from "./doctor/finding.ts";
import { lookAtCluster } from "./doctor/look_at_cluster.ts";
import { lookAtMachine } from "./doctor/look_at_machine.ts";
import { judgeMachine } from "./doctor/machine.ts";
import { EXIT_CODES } from "./exit_codes.ts";
import type { CommandSpec, ParsedFlags } from "./flags.ts";

const COMMAND: CommandSpec = {
  command: "deno task doctor",
  summary:
    "Looks at this machine, and with --head or --cluster at a cluster and, by a small task each, at its workers:\n" +
    "what is not as it should be, and what to do about it. Changes nothing.",
  positionals: [],
  flags: [...HEAD_FLAGS, { name: "json", kind: "switch", help: "Print the findings as JSON." }],
  epilogue: [
    "A note is about something that only some need. Exit codes: 0 no error was found · 1 one was · 2 bad input.",
  ],
};

async function main({ flags }: ParsedFlags): Promise<number> {
  const address = namesHead(flags) ? readClusterAddress(flags) : undefined;
  const machine = judgeMachine(await lookAtMachine(DEFAULT_PORT));
  const cluster = address && judgeCluster(await lookAtCluster(address, PROTOCOL_VERSION));
  const findings = [...machine, ...(cluster ?? [])];
  if (flags.has("json")) print(`${JSON.stringify({ machine, cluster })}\n`);
  else {
    const useColor = Deno.stdout.isTerminal() && !Deno.noColor;
    print(findingsText("This machine", machine, useColor));
    if (cluster !== undefined) print(findingsText("The cluster", cluster, useColor));
    print(summaryText(findings));
  }
  const isIll = findings.some(({ level }) => level === "error");
  return isIll ? EXIT_CODES.failure : EXIT_CODES.ok;
}

if (import.meta.main) await runCommand(COMMAND, main);
