import { resolve } from "@std/path";
import type { ClusterConfig } from "../../../provision/config/cluster_config.ts";
import { parseClusterConfig } from "../../../provision/config/parse_cluster_config.ts";
import { JOURNAL_FILE, readJournal } from "../../../provision/journal/journal.ts";
import { applyEvent, type ClusterState, emptyState } from "../../../provision/planning/state.ts";
import { writeFileAtomic } from "../../base/atomic_file.ts";
import { errorMessage, UserError } from "../../base/errors.ts";
import type { FlagSpec, ParsedFlags } from "../flags.ts";

/** The configuration's file when nothing else is said. */
export const DEFAULT_CLUSTER_FILE = "cluster.jsonc";

/** The flags that name a cluster. */
export const CLUSTER_FLAGS: readonly FlagSpec[] = [
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
    help: "Its journal, keys and head's state (default: artifacts/clusters/NAME).",
  },
];

/** What shall be, as the last command said it. */
export interface Wish {
  /** How many workers. */
  readonly workers: number;
  /** Whether nothing shall be left. */
  readonly end: boolean;
  /** Grows by one with each command that lets launches go on where they were stopped or refused. */
  readonly timesResumed: number;
}

/** A running keeper. */
export interface KeeperInfo {
  readonly pid: number;
  readonly headUrl: string;
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

/** Reads the configuration that the flags name.
 * @throws {UserError} for a file that is not there or not right */
export function openClusterFolder(flags: ParsedFlags["flags"]): ClusterFolder {
  const file = flags.get("file") ?? DEFAULT_CLUSTER_FILE;
  let text: string;
  try {
    text = Deno.readTextFileSync(file);
  } catch (cause) {
    const reason = cause instanceof Deno.errors.NotFound ? "no such file" : errorMessage(cause);
    throw new UserError(`Cannot read the cluster's configuration ${file}: ${reason}`, {
      hint: "deno task cluster:init NAME writes one.",
      cause,
    });
  }
  const config = parseClusterConfig(text, file);
  const dir = resolve(flags.get("dir") ?? `artifacts/clusters/${config.name}`);
  return { file: resolve(file), config, dir, tokenFile: `${dir}/head/token` };
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

/** The keeper that runs, or ran last; undefined when there was none. */
export function lastKeeper({ dir }: ClusterFolder): KeeperInfo | undefined {
  return readJson<KeeperInfo>(`${dir}/keeper.json`);
}

/** The keeper that runs; undefined when there is none. */
export function runningKeeper(folder: ClusterFolder): KeeperInfo | undefined {
  const keeper = lastKeeper(folder);
  const { dir } = folder;
  return keeper !== undefined && isLocked(`${dir}/${JOURNAL_FILE}.lock`) ? keeper : undefined;
}

/** Says that a keeper runs. */
export async function writeKeeper({ dir }: ClusterFolder, keeper: KeeperInfo): Promise<void> {
  await writeFileAtomic(`${dir}/keeper.json`, JSON.stringify(keeper));
}

function readJson<T>(path: string): T | undefined {
  try {
    return JSON.parse(Deno.readTextFileSync(path)) as T;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
}

/** The system takes a lock from a process that dies, so that this never misleads as a process id would. */
function isLocked(path: string): boolean {
  try {
    using file = Deno.openSync(path, { read: true, write: true });
    const isFree = file.tryLockSync(true);
    if (isFree) file.unlockSync();
    return !isFree;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}
