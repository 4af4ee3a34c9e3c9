import { startEmbeddedCluster } from "../../../cluster/client/mod.ts";
import type {
  EmbeddedCluster,
  EmbeddedOptions,
  SubmitOptions,
} from "../../../cluster/client/mod.ts";

import { Daemon } from "../../../cluster/worker/daemon.ts";
import { remoteHead } from "../../../cluster/worker/head_link.ts";

const REPOSITORY_CONFIG = new URL("../../../deno.json", import.meta.url).pathname;

/** What a test with a cluster gets. */
export interface Trial {
  readonly cluster: EmbeddedCluster;
  /** Submits an export of the module and gives its result. */
  readonly run: <R>(exportName: string, args: unknown[], options?: SubmitOptions) => Promise<R>;
  readonly notices: string[];
  /** A temporary folder; tasks may write into `writable` in it. */
  readonly folder: string;
}

/** Joins a second node with one cpu to the cluster of a test; it comes over the head's port, as those of other
 * machines do, but for its daemon, which is in this process. */
export async function anotherNode({ cluster, folder }: Trial): Promise<Daemon> {
  const { headUrl, token, client } = cluster;
  const daemon = new Daemon({
    leaseMs: 1_000,
    openLink: remoteHead({ headUrl, token, leaseMs: 1_000 }),
    headUrl,
    token,
    workerId: "another",
    capacity: { cpus: 1 },
    nodeDir: `${folder}/another`,
    sharedObjects: undefined,
    objectMemoryBytes: 64 * 2 ** 20,
    peerHost: "127.0.0.1",
    writableDirs: [`${folder}/writable`],
    allowedNet: [],
    configPath: REPOSITORY_CONFIG,
    memoryPerSlotBytes: undefined,
    logPath: `${folder}/logs/another.jsonl`,
    onNotice: () => {},
  });
  daemon.finished.catch(() => {});
  while ((await client.status()).workers.length < 2);
  return daemon;
}

type TestCase = (
  name: string,
  workers: number,
  test: (trial: Trial) => Promise<void>,
  options?: Partial<EmbeddedOptions>,
) => void;

/** Makes a function that declares tests, each with a cluster of real processes that runs functions of a module. */
export function clusterTests(module: string): TestCase {
  return (name, workers, test, options = {}) => {
    Deno.test(name, async () => {
      const folder = await Deno.makeTempDir();
      const notices: string[] = [];
      await Deno.mkdir(`${folder}/writable`);
      const cluster = await startEmbeddedCluster({
        workers,
        logDir: `${folder}/logs`,
        writableDirs: [`${folder}/writable`],
        configPath: REPOSITORY_CONFIG,
        onNotice: (message) => notices.push(message),
        ...options,
      });
      try {
        const run = <R>(exportName: string, args: unknown[], options?: SubmitOptions) =>
          cluster.client.submit<R>({ module, exportName }, args, options).result;
        await test({ cluster, run, notices, folder });
      } finally {
        await cluster[Symbol.asyncDispose]();
        await Deno.remove(folder, { recursive: true });
      }
    });
  };
}
