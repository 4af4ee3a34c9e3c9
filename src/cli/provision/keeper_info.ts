import { existsSync } from "node:fs";
import { resolve } from "@std/path";
import { entriesIfThere, readTextIfThere } from "../../base/if_there.ts";
import { writeFileAtomic } from "../../base/atomic_file.ts";
import { UserError } from "../../base/errors.ts";
import { lockForWriting } from "../../base/writer_lock.ts";

/** Where the folders of clusters are, each under its name. */
export const CLUSTERS_DIR = "artifacts/clusters";

/** A running keeper. */
export interface KeeperInfo {
  readonly pid: number;
  /** Its head, on this machine's loopback. */
  readonly headUrl: string;
}

/** Whatever is kept in a cluster's folder. */
interface InFolder {
  /** Absolute. */
  readonly dir: string;
}

/** The folder of a cluster, absolute.
 * @param name of the cluster, or the folder itself: a path has a `/` */
export function clusterDirOf(name: string): string {
  return resolve(name.includes("/") ? name : `${CLUSTERS_DIR}/${name}`);
}

/** What `--cluster` takes for a folder: the cluster's name where that is enough. */
export function clusterNameFor(
  { dir, config: { name } }: InFolder & { readonly config: { readonly name: string } },
): string {
  return clusterDirOf(name) === dir ? name : dir;
}

/** Checks that a cluster was brought up from here.
 * @param file that its folder must have
 * @throws {UserError} with the names of those that were */
export function requireCluster(name: string, dir: string, file: string): void {
  if (existsSync(file)) return;
  const known = namesIn(CLUSTERS_DIR);
  throw new UserError(
    "cluster/not-found",
    `Cannot find the cluster ${name}: nothing of it is in ${dir}`,
    {
      hint: known.length > 0
        ? `There are ${known.join(", ")}.`
        : "deno task cluster:init NAME writes a configuration, and cluster:up brings the cluster up.",
    },
  );
}

function namesIn(dir: string): string[] {
  return entriesIfThere(dir).filter(({ isDirectory }) => isDirectory).map(({ name }) => name)
    .sort();
}

/** The file of the head's token in a cluster's folder. */
export function tokenFileOf(dir: string): string {
  return `${dir}/head/token`;
}

/** The keeper that runs, or ran last; undefined when there was none. */
export function lastKeeper({ dir }: InFolder): KeeperInfo | undefined {
  const text = readTextIfThere(`${dir}/keeper.json`);
  return text === undefined ? undefined : JSON.parse(text) as KeeperInfo;
}

/** The keeper that runs; undefined when there is none. */
export function runningKeeper({ dir }: InFolder): KeeperInfo | undefined {
  const keeper = lastKeeper({ dir });
  return keeper !== undefined && isLocked(`${dir}/keeper.lock`) ? keeper : undefined;
}

/** The right to keep a cluster, for a process: one keeper is one head.
 * @throws {UserError} naming the process that has it */
export function lockAsKeeper({ dir }: InFolder): Disposable {
  Deno.mkdirSync(dir, { recursive: true, mode: 0o700 });
  const lock = lockForWriting(`${dir}/keeper`, {
    subject: "the state of the cluster in",
    hint: "A cluster has one keeper: cluster:status shows what it does.",
  });
  return { [Symbol.dispose]: () => lock.release() };
}

/** Says that a keeper runs. */
export async function writeKeeper({ dir }: InFolder, keeper: KeeperInfo): Promise<void> {
  await writeFileAtomic(`${dir}/keeper.json`, JSON.stringify(keeper));
}

/** The system takes a lock from a process that dies, so that this never misleads as a process id would. */
function isLocked(path: string): boolean {
  try {
    using file = Deno.openSync(path, { read: true });
    // Shared: others who only look are not in the way.
    const isFree = file.tryLockSync(false);
    if (isFree) file.unlockSync();
    return !isFree;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}
