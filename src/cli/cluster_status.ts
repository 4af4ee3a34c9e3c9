import { existsSync } from "node:fs";
import { type ClusterStatus, connect } from "../../cluster/client/mod.ts";
import { type ClusterAddress, HEAD_FLAGS, readClusterAddress } from "./cluster_address.ts";
import { print, runCommand } from "./command.ts";
import { EXIT_CODES } from "./exit_codes.ts";
import type { CommandSpec, ParsedFlags } from "./flags.ts";
import {
  CLUSTER_FILE_FLAGS,
  type ClusterFolder,
  DEFAULT_CLUSTER_FILE,
  openClusterFolder,
  readClusterState,
} from "./provision/cluster_folder.ts";
import { runningKeeper } from "./provision/keeper_info.ts";
import { livingNodes, nodesText } from "./provision/node_text.ts";
import { statusText } from "./status_text.ts";

const COMMAND: CommandSpec = {
  command: "deno task cluster:status",
  summary:
    "Shows a head, its workers and their processes, actors, objects, and the tasks by state; of a cluster that\n" +
    "cluster:up made, also its nodes: that of --cluster or --file, or of cluster.jsonc when that is there and no\n" +
    "--head is given.",
  positionals: [],
  flags: [...HEAD_FLAGS, ...CLUSTER_FILE_FLAGS, {
    name: "permissions",
    kind: "switch",
    help: "Show what the tasks of each process may do other than usual.",
  }, { name: "json", kind: "switch", help: "Print it as JSON." }],
  epilogue: ["Exit codes: 0 shown · 1 the head cannot be reached · 2 bad input."],
};

const PATIENCE_MS = 3_000;

async function main({ flags }: ParsedFlags): Promise<number> {
  const folder = provisionedFolder(flags);
  const nodes = folder === undefined ? undefined : readClusterState(folder);
  const address = addressOf(flags, folder);
  const status = address === undefined ? undefined : await askHead(address);
  if (flags.has("json")) {
    const shown = nodes === undefined ? status : { ...status, nodes: livingNodes(nodes) };
    print(`${JSON.stringify(shown)}\n`);
    return EXIT_CODES.ok;
  }
  if (nodes !== undefined) {
    const lines = nodesText(nodes, Date.now());
    print(`${(lines.length === 0 ? ["Nodes    none: deno task cluster:up"] : lines).join("\n")}\n`);
  }
  if (address === undefined) print("Head     none: no keeper runs\n");
  else print(statusText(address.headUrl, status as ClusterStatus, flags.has("permissions")));
  return EXIT_CODES.ok;
}

/** The cluster of `cluster:up` that is meant; undefined: a head of its own. */
function provisionedFolder(flags: ParsedFlags["flags"]): ClusterFolder | undefined {
  if (flags.has("head")) return undefined;
  return flags.has("cluster") || flags.has("file") || existsSync(DEFAULT_CLUSTER_FILE)
    ? openClusterFolder(flags)
    : undefined;
}

/** Undefined for a cluster that no keeper keeps. */
function addressOf(
  flags: ParsedFlags["flags"],
  folder: ClusterFolder | undefined,
): ClusterAddress | undefined {
  if (folder === undefined) return readClusterAddress(flags);
  const keeper = runningKeeper(folder);
  return keeper === undefined
    ? undefined
    : readClusterAddress(new Map([["head", keeper.headUrl], ["token-file", folder.tokenFile]]));
}

async function askHead(address: ClusterAddress): Promise<ClusterStatus> {
  await using client = connect({ ...address, patienceMs: PATIENCE_MS });
  return await client.status();
}

if (import.meta.main) await runCommand(COMMAND, main);
