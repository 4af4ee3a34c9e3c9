import { errorMessage } from "../../src/base/errors.ts";
import { newId } from "../../src/base/ids.ts";
import { newToken } from "../protocol/access.ts";
import { Head } from "../head/head.ts";
import { makeMemoryFolder } from "../objects/memory_folder.ts";
import { makeOwnedFolder } from "../objects/owned_folder.ts";
import { Client } from "./client.ts";
import { inProcessWiring } from "./in_process.ts";
import type { ClusterClient } from "./types.ts";

/** How an embedded cluster is started. */
export interface EmbeddedOptions {
  /** Worker daemons, each with one executor. */
  readonly workers: number;
  /** Where logs go, for each worker its daemon's own output and, in `worker-N.tasks.jsonl`, what its tasks wrote. */
  readonly logDir: string;
  /** The memory of its own that a task may have when it names no `memoryBytes`; default: no limit. */
  readonly memoryPerSlotBytes?: number;
  /** Bytes of objects that lie in memory; what is over goes to disk. Default: three tenths of the machine's memory. */
  readonly objectMemoryBytes?: number;
  /** Folders into which tasks may write. */
  readonly writableDirs?: readonly string[];
  /** Hosts that tasks may reach when they ask for it, as `host` or `host:port`, `*` for all; default: none. */
  readonly allowedNet?: readonly string[];
  /** The deno.json by which the modules of tasks resolve their imports; default: that of Tradewind. */
  readonly configPath?: string;
  /** Told what people should know, such as the loss of a worker. */
  readonly onNotice?: (message: string) => void;
  /** Told whenever the number of living daemons changes. */
  readonly onWorkers?: (alive: number) => void;
}

/** A cluster in the user's own process: a head on a free port of loopback and daemons as child processes. They speak
 * the protocol of any other cluster. */
export interface EmbeddedCluster extends AsyncDisposable {
  /** A client of its head. */
  readonly client: ClusterClient;
  /** Where other clients of this machine could connect. */
  readonly headUrl: string;
  /** The token with which they get in. */
  readonly token: string;
  /** The process ids of the living daemons. */
  workerPids(): number[];
}

const MAX_RESTARTS = 20;
const STOP_GRACE_MS = 500;

/** Starts head and workers; returns at once, while the workers are still starting. */
export async function startEmbeddedCluster(options: EmbeddedOptions): Promise<EmbeddedCluster> {
  const state = makeOwnedFolder("tradewind-head-");
  const stateDir = state.path;
  const token = newToken();
  await Deno.writeTextFile(`${stateDir}/token`, token, { mode: 0o600 });
  await Deno.mkdir(options.logDir, { recursive: true });
  const objectMemory = makeMemoryFolder(stateDir, options.objectMemoryBytes);
  const head = new Head({
    stateDir: `${stateDir}/head`,
    token,
    objectMemory,
    onNotice: options.onNotice,
    // No other workers will come: what these cannot hold would wait for ever.
    limits: { failUnschedulable: true },
  });
  const client = new Client({ ...inProcessWiring(head), onWarning: options.onNotice });
  const crew = new WorkerCrew(head, stateDir, options, (reason) => client.fail(new Error(reason)));
  const close = async () => {
    await client[Symbol.asyncDispose]();
    await crew[Symbol.asyncDispose]();
    await head[Symbol.asyncDispose]();
    state[Symbol.dispose]();
  };
  let closed: Promise<void> | undefined;
  return {
    client,
    headUrl: head.url,
    token,
    workerPids: () => crew.pids(),
    [Symbol.asyncDispose]: () => closed ??= close(),
  };
}

/** The daemons of an embedded cluster: started, watched, started again when one dies, and ended with the head. */
class WorkerCrew implements AsyncDisposable {
  readonly #head: Head;
  readonly #stateDir: string;
  readonly #options: EmbeddedOptions;
  readonly #processes = new Map<string, Deno.ChildProcess>();
  readonly #watches = new Set<Promise<void>>();
  readonly #onAllLost: (reason: string) => void;
  #restarts = 0;
  #closing = false;

  constructor(
    head: Head,
    stateDir: string,
    options: EmbeddedOptions,
    /** Called when the last worker died and none is started any more: nothing would ever end. */
    onAllLost: (reason: string) => void,
  ) {
    this.#onAllLost = onAllLost;
    this.#head = head;
    this.#stateDir = stateDir;
    this.#options = options;
    for (let ordinal = 1; ordinal <= options.workers; ordinal++) this.#start(ordinal);
  }

  pids(): number[] {
    return [...this.#processes.values()].map(({ pid }) => pid);
  }

  /** Ends all daemons: politely, and by force after a grace. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#closing = true;
    for (const process of this.#processes.values()) signal(process.pid, "SIGTERM");
    const grace = setTimeout(() => {
      for (const process of this.#processes.values()) signal(-process.pid, "SIGKILL");
    }, STOP_GRACE_MS);
    await Promise.all(this.#watches);
    clearTimeout(grace);
  }

  #start(ordinal: number): void {
    const workerId = newId(`local${ordinal}`);
    // Detached: a group of its own, which can be killed as a whole, and which the terminal's Ctrl-C does not reach.
    const process = new Deno.Command(Deno.execPath(), {
      args: this.#arguments(workerId, ordinal),
      stdin: "piped",
      stdout: "piped",
      stderr: "piped",
      detached: true,
      clearEnv: false,
    }).spawn();
    this.#processes.set(workerId, process);
    this.#options.onWorkers?.(this.#processes.size);
    const watch = this.#watch(process, workerId, ordinal).finally(() =>
      this.#watches.delete(watch)
    );
    this.#watches.add(watch);
  }

  #arguments(workerId: string, ordinal: number): string[] {
    const main = new URL("../worker/main.ts", import.meta.url);
    const { configPath: config, memoryPerSlotBytes } = this.#options;
    const nodeDir = `${this.#stateDir}/${workerId}`;
    const { memory, disk } = this.#head.objects.store.folders;
    return [
      "run",
      "--quiet",
      "--no-prompt",
      // The daemon is ours and starts processes, so no permission would hold it; tasks run in executors, which have few.
      "--allow-all",
      main.href,
      `--head=${this.#head.url}`,
      `--token-file=${this.#stateDir}/token`,
      `--id=${workerId}`,
      "--cpus=1",
      // They share this machine's.
      `--memory=${Math.floor(Deno.systemMemoryInfo().total / this.#options.workers)}`,
      `--node-dir=${nodeDir}`,
      `--objects=${memory}`,
      `--objects-disk=${disk}`,
      `--log-file=${this.#options.logDir}/worker-${ordinal}.tasks.jsonl`,
      ...(memoryPerSlotBytes === undefined ? [] : [`--memory-per-slot=${memoryPerSlotBytes}`]),
      ...(config === undefined ? [] : [`--config=${config}`]),
      ...(this.#options.writableDirs ?? []).map((dir) => `--allow-write=${dir}`),
      ...(this.#options.allowedNet ?? []).map((host) => `--allow-task-net=${host}`),
      "--with-parent",
    ];
  }

  async #watch(process: Deno.ChildProcess, workerId: string, ordinal: number): Promise<void> {
    const logged = this.#log(process, `${this.#options.logDir}/worker-${ordinal}.log`);
    const { code, signal: endedBy } = await process.status;
    // Its executors share its group: those of a daemon that was killed must not go on.
    signal(-process.pid, "SIGKILL");
    await logged;
    this.#processes.delete(workerId);
    if (this.#closing) return;
    const reason = `its process ended with ${endedBy ?? `exit code ${code}`}`;
    this.#head.workerDied(workerId, reason);
    this.#options.onNotice?.(`Worker ${ordinal} died: ${reason}`);
    if (this.#restarts++ < MAX_RESTARTS) this.#start(ordinal);
    else if (this.#processes.size === 0) {
      const seeLogs = `see ${this.#options.logDir}/worker-*.log`;
      this.#onAllLost(
        `No worker is left, after ${MAX_RESTARTS} restarts; of the last one, ${reason}; ${seeLogs}`,
      );
    }
    this.#options.onWorkers?.(this.#processes.size);
  }

  async #log(process: Deno.ChildProcess, path: string): Promise<void> {
    try {
      using file = await Deno.open(path, { create: true, append: true });
      const write = async (stream: ReadableStream<Uint8Array>) => {
        for await (const chunk of stream) {
          for (let written = 0; written < chunk.length;) {
            written += await file.write(chunk.subarray(written));
          }
        }
      };
      await Promise.all([write(process.stdout), write(process.stderr)]);
    } catch (error) {
      this.#options.onNotice?.(`Cannot write ${path}: ${errorMessage(error)}`);
      await Promise.all([process.stdout.cancel(), process.stderr.cancel()]);
    }
  }
}

function signal(pid: number, name: "SIGTERM" | "SIGKILL"): void {
  try {
    Deno.kill(pid, name);
  } catch (error) {
    // It has ended already.
    if (!(error instanceof Deno.errors.NotFound) && !(error instanceof TypeError)) throw error;
  }
}
