import { readTextIfThere } from "../../base/if_there.ts";
import { resolve } from "@std/path";
import type { ClusterConfig } from "../../../provision/config/cluster_config.ts";
import { parseClusterConfig } from "../../../provision/config/parse_cluster_config.ts";
import { JOURNAL_FILE, readJournal } from "../../../provision/journal/journal.ts";
import { applyEvent, type ClusterState, emptyState } from "../../../provision/planning/state.ts";
import { writeFileAtomic } from "../../base/atomic_file.ts";
import { errorMessage, UserError } from "../../base/errors.ts";
import { CLUSTER_FLAG } from "../cluster_address.ts";
import type { FlagSpec, ParsedFlags } from "../flags.ts";
import { clusterDirOf, CLUSTERS_DIR, requireCluster, tokenFileOf } from "./keeper_info.ts";

/** The configuration's file when nothing else is said. */
export const DEFAULT_CLUSTER_FILE = "cluster.jsonc";

/** The flags that name a cluster by its files. */
export const CLUSTER_FILE_FLAGS: readonly FlagSpec[] = [
  {
    name: "file",
    kind: "value",
    placeholder: "FILE",
    help: `The cluster's configuration (default: ${DEFAULT_CLUSTER_FILE}).`,
  },
  {
    name: "dir",
    kind: "value",
    placeholder: "DIR",
    help: `Its journal, keys and head's state (default: ${CLUSTERS_DIR}/NAME).`,
  },
];

/** The flags that name a cluster. */
export const CLUSTER_FLAGS: readonly FlagSpec[] = [CLUSTER_FLAG, ...CLUSTER_FILE_FLAGS];

/** The copy of the configuration in a cluster's folder. */
const CONFIG_COPY = "cluster.jsonc";

/** What shall be, as the last command said it. */
export interface Wish {
  /** How many workers. */
  readonly workers: number;
  /** Whether nothing shall be left. */
  readonly end: boolean;
  /** Whether everything ends, too, when there was nothing to do for `autostop_minutes`. */
  readonly endsWhenIdle: boolean;
  /** Grows by one with each command that lets launches go on where they were stopped or refused. */
  readonly timesResumed: number;
}

/** A cluster's configuration, and the folder that holds its journal, its head's state and its keys. */
export interface ClusterFolder {
  readonly file: string;
  readonly config: ClusterConfig;
  /** Absolute. */
  readonly dir: string;
  /** The head's token. */
  readonly tokenFile: string;
}

/** Reads the configuration that the flags name: a file, or that of a cluster which was brought up before.
 * @throws {UserError} for a file that is not there or not right */
export function openClusterFolder(flags: ParsedFlags["flags"]): ClusterFolder {
  const cluster = flags.get("cluster");
  if (cluster !== undefined && (flags.has("file") || flags.has("dir"))) {
    throw new UserError("command/conflict", "Cannot use --cluster together with --file or --dir", {
      hint:
        "--cluster names one that was brought up before; what it was made from is in its folder.",
    });
  }
  if (cluster !== undefined) {
    const dir = clusterDirOf(cluster);
    const file = `${dir}/${CONFIG_COPY}`;
    requireCluster(cluster, dir, file);
    return folderOf(file, dir);
  }
  return folderOf(resolve(flags.get("file") ?? DEFAULT_CLUSTER_FILE), flags.get("dir"));
}

function folderOf(file: string, dir: string | undefined): ClusterFolder {
  let text: string;
  try {
    text = Deno.readTextFileSync(file);
  } catch (cause) {
    const reason = cause instanceof Deno.errors.NotFound ? "no such file" : errorMessage(cause);
    throw new UserError(
      "file/unreadable",
      `Cannot read the cluster's configuration ${file}: ${reason}`,
      {
        hint: "deno task cluster:init NAME writes one.",
        cause,
      },
    );
  }
  const config = parseClusterConfig(text, file);
  const at = dir === undefined ? clusterDirOf(config.name) : resolve(dir);
  return { file, config, dir: at, tokenFile: tokenFileOf(at) };
}

/** Keeps a copy of the configuration in the cluster's folder: by it the cluster is known by its name alone. */
export async function keepConfig({ file, dir }: ClusterFolder): Promise<void> {
  const copy = `${dir}/${CONFIG_COPY}`;
  if (copy === file) return;
  await writeFileAtomic(copy, await Deno.readTextFile(file));
}

/** The state that the journal says; empty when there is none. */
export function readClusterState({ dir }: ClusterFolder): ClusterState {
  const state = emptyState();
  for (const event of readJournal(`${dir}/${JOURNAL_FILE}`).events) applyEvent(state, event);
  return state;
}

/** What shall be; undefined when no command said it yet. */
export function readWish({ dir }: ClusterFolder): Wish | undefined {
  return readJson<Wish>(`${dir}/wanted.json`);
}

/** Says what shall be: a running keeper reads it at its next turn. */
export async function writeWish({ dir }: ClusterFolder, wish: Wish): Promise<void> {
  await writeFileAtomic(`${dir}/wanted.json`, JSON.stringify(wish));
}

function readJson<T>(path: string): T | undefined {
  const text = readTextIfThere(path);
  return text === undefined ? undefined : JSON.parse(text) as T;
}
