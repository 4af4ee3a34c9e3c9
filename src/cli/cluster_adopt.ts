import { existsSync } from "node:fs";
import { UserError } from "../base/errors.ts";
import { print, runCommand } from "./command.ts";
import { EXIT_CODES } from "./exit_codes.ts";
import type { CommandSpec, ParsedFlags } from "./flags.ts";
import { restoreFromMirror } from "./provision/cluster_mirror.ts";
import { openClusterFolder, readClusterState } from "./provision/cluster_folder.ts";
import { clusterDirOf, runningKeeper } from "./provision/keeper_info.ts";
import { openMirrorStore } from "./provision/mirror_store.ts";
import { nodesText } from "./provision/node_text.ts";

const COMMAND: CommandSpec = {
  command: "deno task cluster:adopt",
  summary:
    "Takes over a cluster whose folder is lost, or on another machine: brings its configuration, journal, keys and\n" +
    "the state of its head back from its mirror. Nothing is done to its nodes: cluster:up goes on with it, cluster:down ends it.",
  positionals: ["NAME"],
  flags: [
    {
      name: "from",
      kind: "value",
      placeholder: "URL",
      help: "The mirror, as cluster.jsonc says it: s3://BUCKET/PREFIX, or a folder.",
    },
    {
      name: "dir",
      kind: "value",
      placeholder: "DIR",
      help: "Where to put it (default: artifacts/clusters/NAME).",
    },
  ],
  epilogue: [
    "Without a mirror, cluster:up and cluster:down find the machines of a lost journal by their tags; what they need is\n" +
    "cluster.jsonc alone.",
    "Exit codes: 0 adopted · 2 bad input, no such cluster, it is kept from elsewhere.",
  ],
};

async function main({ flags, positionals: [name] }: ParsedFlags): Promise<number> {
  const from = flags.get("from");
  if (from === undefined) {
    throw new UserError("command/missing", `Cannot adopt ${name} without --from`, {
      hint: "mirror of its cluster.jsonc says where its journal is kept.",
    });
  }
  const dir = clusterDirOf(flags.get("dir") ?? name);
  if (existsSync(dir) && runningKeeper({ dir }) !== undefined) {
    throw new UserError(
      "cluster/kept-elsewhere",
      `Cannot adopt ${name}: it is kept from ${dir} already`,
    );
  }
  using mirror = await openMirrorStore(from, name);
  const names = await restoreFromMirror(mirror.store, dir);
  const folder = openClusterFolder(new Map([["cluster", dir]]));
  print(`${
    [
      `${name} is adopted: ${names.length} files of ${mirror.store.url} are in ${dir}.`,
      ...nodesText(readClusterState(folder), Date.now()),
      `  go on with it  deno task cluster:up --cluster ${flags.has("dir") ? dir : name}`,
      `  end it         deno task cluster:down --cluster ${flags.has("dir") ? dir : name}`,
    ].join("\n")
  }\n`);
  return EXIT_CODES.ok;
}

if (import.meta.main) await runCommand(COMMAND, main);
