import { deadline } from "@std/async/deadline";
import { errorMessage } from "../../src/base/errors.ts";
import { peakMemoryBytes } from "../../src/base/peak_memory.ts";
import type { ExecutorStatus } from "../protocol/status.ts";
import { decodeFromExecutorFrame, encodeFrame } from "../protocol/codec.ts";
import type { DaemonToExecutorMessage, ExecutorMessage } from "../protocol/messages.ts";
import type { AttemptReport } from "../scheduler/types.ts";
import { FrameStream } from "./frame_stream.ts";

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
  readonly #stream: FrameStream;
  readonly #frames: AsyncGenerator<Uint8Array>;
  #tasksDone = 0;
  #peakMemoryBytes = 0;
  #exit: Deno.CommandStatus | undefined;

  private constructor(
    process: Deno.ChildProcess,
    stream: FrameStream,
    frames: AsyncGenerator<Uint8Array>,
  ) {
    this.#process = process;
    this.#stream = stream;
    this.#frames = frames;
    this.pid = process.pid;
    this.ended = process.status.then((status) => {
      this.#exit = status;
      stream.close();
    });
  }

  /** Starts a process and waits until it is ready.
   * @throws {Error} when it ends or says nothing within 30 s */
  static async start(options: ExecutorOptions, ordinal: number): Promise<Executor> {
    const socketPath = `${options.nodeDir}/executor-${ordinal}.sock`;
    using listener = Deno.listen({ transport: "unix", path: socketPath });
    const process = spawn(options, socketPath);
    try {
      const connection = await deadline(
        Promise.race([listener.accept(), failAtExit(process)]),
        START_TIMEOUT_MS,
      );
      const stream = new FrameStream(connection);
      const frames = stream.frames();
      await deadline(Promise.race([nextMessage(frames), failAtExit(process)]), START_TIMEOUT_MS);
      return new Executor(process, stream, frames);
    } catch (error) {
      killQuietly(process);
      throw new Error(`Cannot start an executor: ${errorMessage(error)}`, { cause: error });
    } finally {
      await Deno.remove(socketPath).catch(() => {});
    }
  }

  get isAlive(): boolean {
    return this.#exit === undefined;
  }

  /** Runs one attempt to its end, whatever that is: it never throws. */
  async run(message: DaemonToExecutorMessage): Promise<AttemptReport> {
    const startedAt = performance.now();
    try {
      await this.#stream.write(encodeFrame([message]));
      const answer = await nextMessage(this.#frames);
      this.#tasksDone++;
      switch (answer.type) {
        case "Succeeded":
          return { type: "succeeded", result: answer.result, durationMs: answer.durationMs };
        case "Failed":
          return {
            type: "failed",
            error: { kind: "thrown", ...answer.error },
            durationMs: answer.durationMs,
          };
        case "Ready":
          throw new Error("it said that it is ready in the middle of a task");
      }
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

async function nextMessage(frames: AsyncGenerator<Uint8Array>): Promise<ExecutorMessage> {
  const next = await frames.next();
  if (next.done) throw new Error("the connection closed");
  const [message] = decodeFromExecutorFrame(next.value);
  if (message === undefined) throw new Error("an empty frame came");
  return message;
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
