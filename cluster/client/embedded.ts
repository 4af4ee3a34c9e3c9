import { errorMessage } from "../../src/base/errors.ts";
import { newId } from "../../src/base/ids.ts";
import { newToken } from "../protocol/access.ts";
import type { DashboardOptions } from "../head/dashboard/run_source.ts";
import type { Fsync } from "../head/fsync.ts";
import { Head } from "../head/head.ts";
import { makeMemoryFolder } from "../objects/memory_folder.ts";
import { makeOwnedFolder } from "../objects/owned_folder.ts";
import { Daemon } from "../worker/daemon.ts";
import { nodeMemoryBytes } from "../worker/node_memory.ts";
import { Client } from "./client.ts";
import { inProcessHead, inProcessWiring } from "./in_process.ts";
import type { ClusterClient } from "./types.ts";

/** How an embedded cluster is started. */
export interface EmbeddedOptions {
  /** Tasks of one cpu that run at a time, each in a process of its own. */
  readonly workers: number;
  /** What tasks write is kept in `tasks.jsonl` in here. */
  readonly logDir: string;
  /** The memory of its own that a task may have when it names no `memoryBytes`; default: no limit. */
  readonly memoryPerSlotBytes?: number;
  /** Bytes of objects that lie in memory; what is over goes to disk. Default: three tenths of the machine's memory. */
  readonly objectMemoryBytes?: number;
  /** Unfinished tasks that one task may lead to by what it and they submit, itself included; default: 100,000. */
  readonly maxFamilySize?: number;
  /** Folders into which tasks may write. */
  readonly writableDirs?: readonly string[];
  /** Hosts that tasks may reach when they ask for it, as `host` or `host:port`, `*` for all; default: none. */
  readonly allowedNet?: readonly string[];
  /** The deno.json by which the modules of tasks resolve their imports; default: that of Tradewind. */
  readonly configPath?: string;
  /** When the journal is forced onto the disk: it is of use as long as this process lives, so that seldom matters;
   * default: `batch`. */
  readonly fsync?: Fsync;
  /** What its dashboard shows beside what the head knows; default: nothing.
   * @internal */
  readonly dashboard?: DashboardOptions;
  /** Told what people should know, such as an attempt that could not be run. */
  readonly onNotice?: (message: string) => void;
}

/** A cluster in the user's own process: a head on a free port of loopback, a daemon, and its executors as child
 * processes. Client, daemon and head exchange the messages of any other cluster, without sockets between them; other
 * workers and clients may join over the head's port. */
export interface EmbeddedCluster extends AsyncDisposable {
  /** A client of its head. */
  readonly client: ClusterClient;
  /** Where other clients of this machine could connect. */
  readonly headUrl: string;
  /** The token with which they get in. */
  readonly token: string;
  /** The process ids of the living executors. */
  executorPids(): number[];
}

/** Starts a cluster; returns at once, while its executors are still starting. */
export async function startEmbeddedCluster(options: EmbeddedOptions): Promise<EmbeddedCluster> {
  const state = makeOwnedFolder("tradewind-head-");
  const token = newToken();
  await Deno.mkdir(options.logDir, { recursive: true });
  const onNotice = options.onNotice ?? (() => {});
  const head = new Head({
    stateDir: `${state.path}/head`,
    token,
    objectMemory: makeMemoryFolder(state.path, options.objectMemoryBytes),
    onNotice,
    // What its one node cannot hold would wait for ever, as others seldom come: that is told at once.
    limits: {
      failUnschedulable: true,
      unschedulableAfterMs: 0,
      ...(options.maxFamilySize !== undefined && { maxFamilySize: options.maxFamilySize }),
    },
    fsync: options.fsync,
    dashboard: options.dashboard,
  });
  const client = new Client({ ...inProcessWiring(head), onWarning: onNotice });
  const daemon = new Daemon({
    openLink: inProcessHead(head),
    headUrl: head.url,
    token,
    leaseMs: Infinity,
    workerId: newId("local"),
    capacity: { cpus: options.workers, memoryBytes: nodeMemoryBytes() },
    nodeDir: `${state.path}/node`,
    sharedObjects: head.objects.store.folders,
    objectMemoryBytes: undefined,
    peerHost: undefined,
    writableDirs: options.writableDirs ?? [],
    allowedNet: options.allowedNet ?? [],
    configPath: options.configPath,
    memoryPerSlotBytes: options.memoryPerSlotBytes,
    logPath: `${options.logDir}/tasks.jsonl`,
    onNotice,
  });
  // A head that stops by itself is broken, and has said so.
  daemon.finished.catch((error) => client.fail(new Error(errorMessage(error))));
  const close = async () => {
    await client[Symbol.asyncDispose]();
    await daemon[Symbol.asyncDispose]();
    await head[Symbol.asyncDispose]();
    state[Symbol.dispose]();
  };
  let closed: Promise<void> | undefined;
  return {
    client,
    headUrl: head.url,
    token,
    executorPids: () => daemon.executorPids(),
    [Symbol.asyncDispose]: () => closed ??= close(),
  };
}
