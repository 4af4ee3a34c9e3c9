import { runCommand } from "./command.ts";
import type { CommandSpec, ParsedFlags } from "./flags.ts";
import { CLUSTER_FLAGS, openClusterFolder } from "./provision/cluster_folder.ts";
import { findNode } from "./provision/find_node.ts";
import { makeProvider } from "./provision/make_provider.ts";

const COMMAND: CommandSpec = {
  command: "deno task cluster:ssh",
  summary: "Opens a shell on a node. NODE is its id, or an end of it that no other has.",
  positionals: ["NODE"],
  flags: CLUSTER_FLAGS,
  epilogue: ["Exit codes: that of the shell · 2 bad input, no such node."],
};

async function main({ flags, positionals }: ParsedFlags): Promise<number> {
  const folder = openClusterFolder(flags);
  const target = findNode(folder, positionals[0]);
  await using provider = await makeProvider(folder);
  const [program, ...args] = provider.shellCommand(target);
  const shell = new Deno.Command(program, { args, stdin: "inherit" }).spawn();
  return (await shell.status).code;
}

if (import.meta.main) await runCommand(COMMAND, main);
