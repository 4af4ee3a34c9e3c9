import { UserError } from "../base/errors.ts";
import { printError, runCommand } from "./command.ts";
import { EXIT_CODES } from "./exit_codes.ts";
import type { CommandSpec, ParsedFlags } from "./flags.ts";
import { readOrMakeToken, readTokenFile } from "./head_token.ts";
import { awayKeeper } from "./provision/away_keeper.ts";
import {
  CLUSTER_FLAGS,
  type ClusterFolder,
  openClusterFolder,
  readWish,
} from "./provision/cluster_folder.ts";
import { ClusterMirror } from "./provision/cluster_mirror.ts";
import { handOver } from "./provision/hand_over.ts";
import { keepCluster } from "./provision/keep_cluster.ts";
import { lockAsKeeper } from "./provision/keeper_info.ts";
import { relayKeeper } from "./provision/keeper_relay.ts";
import { makeProvider } from "./provision/make_provider.ts";
import { openMirrorStore } from "./provision/mirror_store.ts";
import { tradewindProgram } from "./provision/tradewind_program.ts";
import { untilSignal } from "./until_signal.ts";

const COMMAND: CommandSpec = {
  command: "deno run src/cli/cluster_keeper.ts",
  summary:
    "Keeps a cluster as the last cluster:up or cluster:down said: its head, the way of its nodes to it, and the\n" +
    "nodes themselves; or stands in for the one that does so on a node. cluster:up starts it; it ends when the\n" +
    "cluster has ended, or by SIGTERM, which ends no node.",
  positionals: [],
  flags: [
    ...CLUSTER_FLAGS,
    {
      name: "on-node",
      kind: "value",
      placeholder: "NODE",
      help: "The node of the cluster on which this runs (default: on none).",
    },
  ],
  epilogue: ["Exit codes: 0 ended · 1 failed · 2 bad input, another one runs."],
};

async function main({ flags }: ParsedFlags): Promise<number> {
  const folder = openClusterFolder(flags);
  using _lock = lockAsKeeper(folder);
  const ending = new AbortController();
  untilSignal().then(() => ending.abort());
  using mirrorStore = folder.config.mirror === undefined
    ? undefined
    : await openMirrorStore(folder.config.mirror, folder.config.name);
  await using mirror = mirrorStore && await ClusterMirror.claim(mirrorStore.store, folder.dir);
  mirror?.begin(log, () => {
    log("Another keeper has taken the cluster over.");
    ending.abort();
  });
  await keep(folder, mirror, flags.get("on-node"), ending.signal);
  return EXIT_CODES.ok;
}

/** Keeps the cluster from here, or from the node where its keeper is, by turns. */
async function keep(
  folder: ClusterFolder,
  mirror: ClusterMirror | undefined,
  nodeId: string | undefined,
  signal: AbortSignal,
): Promise<void> {
  readOrMakeToken(`${folder.dir}/head`, folder.tokenFile);
  await using provider = await makeProvider(folder, nodeId !== undefined);
  const program = tradewindProgram(folder.config, () => readTokenFile(folder.tokenFile));
  const options = { folder, provider, program, mirror, signal, log };
  while (!signal.aborted) {
    const away = awayKeeper(folder);
    if (away !== undefined) {
      await relayKeeper(folder, provider, away, { signal, log });
      continue;
    }
    const elsewhere = folder.config.head === "node" ? "wanted" : undefined;
    const headNode = nodeId === undefined ? elsewhere : { nodeId };
    const end = await keepCluster({ ...options, firstWish: wishOf(folder), headNode });
    if (end !== "head-node") return;
    await handOver(folder, provider, program.archive.hash);
  }
}

function wishOf(folder: ClusterFolder): NonNullable<ReturnType<typeof readWish>> {
  const wish = readWish(folder);
  if (wish !== undefined) return wish;
  throw new UserError(
    "cluster/not-up",
    `Cannot keep ${folder.config.name}: nobody said what it shall be`,
    {
      hint: "cluster:up says it.",
    },
  );
}

function log(message: string): void {
  printError(`${new Date().toISOString()} ${message}`);
}

if (import.meta.main) await runCommand(COMMAND, main);
