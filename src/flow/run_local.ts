import { resolve } from "@std/path";
import type { EmbeddedCluster } from "../../cluster/client/mod.ts";
import { newId } from "../base/ids.ts";
import type { Flow } from "./flow.ts";
import type { FlowRunOptions } from "./run_flow.ts";
import { openFlowStore } from "./store/flow_store.ts";
import type { ResultStorage } from "./store/shared_results.ts";

/** How a flow is run on this machine. */
export interface LocalRunOptions extends Pick<FlowRunOptions, "signal" | "onEvent"> {
  /** Tasks at a time, each in a process of its own; default: the number of cores. */
  readonly workers?: number;
  /** Where states, results and logs are kept; tasks may write there, and nowhere else. Default: `artifacts`. */
  readonly out?: string;
  /** Default: a new one. That of a run which was stopped goes on with it. */
  readonly runId?: string;
  /** Where results are also kept and looked for, so that several machines share them; default: nowhere. */
  readonly sharedResults?: ResultStorage;
  /** The deno.json by which the modules of tasks resolve their imports; default: that of Tradewind. */
  readonly configPath?: string;
}

/** Runs a flow with a head and workers of its own, which are started by the first task that needs them and ended with
 * the run. What an earlier run has computed is taken from the cache.
 * @returns what the flow returns
 * @throws as {@linkcode Flow.run} */
export async function runLocal<A extends unknown[], R>(
  flow: Flow<A, R>,
  args: A,
  options: LocalRunOptions = {},
): Promise<R> {
  const out = resolve(options.out ?? "artifacts");
  await Deno.mkdir(out, { recursive: true });
  using store = openFlowStore(`${out}/flow.db`, { sharedResults: options.sharedResults });
  const runId = options.runId ?? newId("run");
  let cluster: Promise<EmbeddedCluster> | undefined;
  const startCluster = async () => {
    // Loaded here: a worker that imports the module of a task needs no head.
    const { startEmbeddedCluster } = await import("../../cluster/client/mod.ts");
    cluster = startEmbeddedCluster({
      workers: options.workers ?? navigator.hardwareConcurrency,
      logDir: `${out}/logs/${runId}`,
      writableDirs: [out],
      configPath: options.configPath,
    });
    return (await cluster).client;
  };
  try {
    return await flow.run(args, { ...options, store, runId, cluster: startCluster });
  } finally {
    await (await cluster)?.[Symbol.asyncDispose]();
  }
}
