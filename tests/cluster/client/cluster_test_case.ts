import { startEmbeddedCluster } from "../../../cluster/client/mod.ts";
import type {
  EmbeddedCluster,
  EmbeddedOptions,
  SubmitOptions,
} from "../../../cluster/client/mod.ts";

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
