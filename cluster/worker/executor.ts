import { deadline } from "@std/async/deadline";
import { errorMessage } from "../../src/base/errors.ts";
import { peakMemoryBytes } from "../../src/base/peak_memory.ts";
import type { ExecutorStatus } from "../protocol/status.ts";
import { encodeFrame } from "../protocol/codec.ts";
import type { DaemonToExecutorMessage } from "../protocol/messages.ts";
import type { AttemptReport } from "../scheduler/types.ts";
import type { ExecutorDoor, ExecutorLink } from "./executor_door.ts";

/** How executors are started. */
export interface ExecutorOptions {
  /** Private to the daemon: its socket and its objects are in there. */
  readonly nodeDir: string;
  readonly objectFolder: string;
  /** Folders into which tasks may write, besides the node's objects. */
  readonly writableDirs: readonly string[];
  /** The deno.json by which the modules of tasks resolve their imports. */
  readonly configPath: string | undefined;
}

const START_TIMEOUT_MS = 30_000;
const PASSED_ENVIRONMENT = ["PATH", "HOME", "DENO_DIR", "TMPDIR", "LANG", "TZ", "XDG_CACHE_HOME"];

/** One executor process, as its daemon sees it. It runs one attempt at a time; when it ends in the middle of one, that
 * attempt fails with the cause, and the daemon goes on. */
export class Executor {
  readonly pid: number;
  /** Settles when the process has ended. */
  readonly ended: Promise<void>;
  readonly #process: Deno.ChildProcess;
  readonly #link: ExecutorLink;
  #tasksDone = 0;
  #peakMemoryBytes = 0;
  #exit: Deno.CommandStatus | undefined;

  private constructor(process: Deno.ChildProcess, link: ExecutorLink) {
    this.#process = process;
    this.#link = link;
    this.pid = process.pid;
    this.ended = process.status.then((status) => {
      this.#exit = status;
      link.stream.close();
    });
  }

  /** Starts a process and waits until it is ready.
   * @throws {Error} when it ends or says nothing within 30 s */
  static async start(door: ExecutorDoor, options: ExecutorOptions): Promise<Executor> {
    const process = spawn(options, door.path);
    try {
      const link = await deadline(
        Promise.race([door.expect(process.pid), failAtExit(process)]),
        START_TIMEOUT_MS,
      );
      return new Executor(process, link);
    } catch (error) {
      killQuietly(process);
      throw new Error(`Cannot start an executor: ${errorMessage(error)}`, { cause: error });
    } finally {
      door.forget(process.pid);
    }
  }

  get isAlive(): boolean {
    return this.#exit === undefined;
  }

  /** Runs one attempt to its end, whatever that is: it never throws. */
  async run(message: DaemonToExecutorMessage): Promise<AttemptReport> {
    const startedAt = performance.now();
    try {
      await this.#link.stream.write(encodeFrame([message]));
      const { value: answer } = await this.#link.messages.next();
      if (answer === undefined) throw new Error("the connection closed");
      if (answer.type === "Ready") throw new Error("it greeted in the middle of a task");
      this.#tasksDone++;
      const { durationMs } = answer;
      if (answer.type === "Succeeded") {
        return { type: "succeeded", result: answer.result, durationMs };
      }
      return { type: "failed", error: { kind: "thrown", ...answer.error }, durationMs };
    } catch (error) {
      this.kill();
      await this.ended;
      const peakMiB = Math.round(this.#peakMemoryBytes / 2 ** 20);
      const message = `${this.#describeEnd(error)}; its peak memory was ${peakMiB} MiB`;
      const durationMs = performance.now() - startedAt;
      return {
        type: "failed",
        error: { kind: "crashed", name: "ExecutorCrashed", message },
        durationMs,
      };
    }
  }

  #describeEnd(error: unknown): string {
    const who = `The executor (process ${this.pid})`;
    if (this.#exit?.signal && this.#exit.signal !== "SIGKILL") {
      return `${who} ended by ${this.#exit.signal}`;
    }
    if (this.#exit?.signal) return `${who} was killed (SIGKILL): out of memory, or from outside`;
    if (this.#exit?.code) return `${who} ended with exit code ${this.#exit.code}`;
    return `${who} ended: ${errorMessage(error)}`;
  }

  /** Fresh numbers; of a process that ended, its last ones. */
  status(): ExecutorStatus {
    this.#peakMemoryBytes = peakMemoryBytes(this.pid) ?? this.#peakMemoryBytes;
    return { pid: this.pid, peakMemoryBytes: this.#peakMemoryBytes, tasksDone: this.#tasksDone };
  }

  /** Ends the process at once. */
  kill(): void {
    this.status();
    killQuietly(this.#process);
  }
}

function spawn(options: ExecutorOptions, socketPath: string): Deno.ChildProcess {
  const main = new URL("./executor_main.ts", import.meta.url);
  const writable = [options.nodeDir, ...options.writableDirs].join(",");
  const args = [
    "run",
    "--quiet",
    "--no-prompt",
    "--allow-read",
    `--allow-write=${writable}`,
    `--allow-net=unix:${socketPath}`,
    "--allow-env",
    "--allow-sys",
    "--allow-ffi",
    ...(options.configPath === undefined ? [] : [`--config=${options.configPath}`]),
    main.href,
    socketPath,
    options.objectFolder,
  ];
  const env: Record<string, string> = { NO_COLOR: "1", POLARS_MAX_THREADS: "1" };
  for (const name of PASSED_ENVIRONMENT) {
    const value = Deno.env.get(name);
    if (value !== undefined) env[name] = value;
  }
  // Output of tasks goes to the daemon's own: whoever started the daemon decides where that is kept.
  return new Deno.Command(Deno.execPath(), { args, clearEnv: true, env, stdin: "null" }).spawn();
}

async function failAtExit(process: Deno.ChildProcess): Promise<never> {
  const { code, signal } = await process.status;
  throw new Error(`its process ended with ${signal ?? `exit code ${code}`} before it was ready`);
}

function killQuietly(process: Deno.ChildProcess): void {
  try {
    process.kill("SIGKILL");
  } catch (error) {
    // It has ended already.
    if (!(error instanceof TypeError) && !(error instanceof Deno.errors.NotFound)) throw error;
  }
}
