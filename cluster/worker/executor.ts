import { deadline } from "@std/async/deadline";
import { delay } from "@std/async/delay";
import { errorMessage } from "../../src/base/errors.ts";
import { peakMemoryBytes } from "../../src/base/peak_memory.ts";
import type { ExecutorStatus } from "../protocol/status.ts";
import { encodeFrame } from "../protocol/codec.ts";
import type {
  DaemonToExecutorMessage,
  ExecutorAnswer,
  ExecutorRequest,
  RunAttempt,
} from "../protocol/messages.ts";
import type { AttemptId, AttemptReport } from "../scheduler/types.ts";
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
  /** Told to the code of tasks. */
  readonly workerId: string;
  /** What the code of the attempt that an executor runs wants of the daemon. */
  readonly onRequest: (executor: Executor, request: ExecutorRequest) => void;
}

const START_TIMEOUT_MS = 30_000;
/** How long a process that broke its connection may take to end by itself. */
const EXIT_PATIENCE_MS = 500;
const PASSED_ENVIRONMENT = ["PATH", "HOME", "DENO_DIR", "TMPDIR", "LANG", "TZ", "XDG_CACHE_HOME"];

/** What came of handing an attempt to an executor. `unstarted`: it ended before it came to the attempt, or gave it back
 * since the attempt that it runs is blocked. */
export type ExecutorOutcome = AttemptReport | { readonly type: "unstarted" };

interface PendingAttempt {
  readonly message: RunAttempt;
  readonly onOutcome: (outcome: ExecutorOutcome) => void;
}

/** One executor process, as its daemon sees it. It runs one attempt at a time, in the order in which it gets them; when
 * it ends in the middle of one, that attempt fails with the cause, and the daemon goes on. */
export class Executor {
  readonly pid: number;
  /** Settles when the process has ended. */
  readonly ended: Promise<void>;
  readonly #process: Deno.ChildProcess;
  readonly #link: ExecutorLink;
  readonly #onRequest: ExecutorOptions["onRequest"];
  /** In the order in which the process runs them. */
  readonly #pending: PendingAttempt[] = [];
  #unsent: DaemonToExecutorMessage[] = [];
  #tasksDone = 0;
  #peakMemoryBytes = 0;
  #isAlive = true;
  #isKilledByUs = false;
  #isBlocked = false;

  private constructor(
    process: Deno.ChildProcess,
    link: ExecutorLink,
    onRequest: ExecutorOptions["onRequest"],
  ) {
    this.#process = process;
    this.#link = link;
    this.#onRequest = onRequest;
    this.pid = process.pid;
    this.status();
    this.ended = process.status.then(() => {
      this.#isAlive = false;
      link.stream.close();
    });
    this.#readAnswers();
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
      return new Executor(process, link, options.onRequest);
    } catch (error) {
      killQuietly(process);
      throw new Error(`Cannot start an executor: ${errorMessage(error)}`, { cause: error });
    } finally {
      door.forget(process.pid);
    }
  }

  /** Whether it can take an attempt. */
  get isAlive(): boolean {
    return this.#isAlive;
  }

  /** The attempt that the process runs now: the first that it has not answered. */
  get current(): AttemptId | undefined {
    return this.#pending[0]?.message.attemptId;
  }

  /** Attempts that it has not answered. */
  get pendingCount(): number {
    return this.#pending.length;
  }

  /** Whether the attempt that it runs waits for others: until it goes on, the process takes nothing. */
  get isBlocked(): boolean {
    return this.#isBlocked;
  }

  /** Hands it an attempt, to be run after those that it has. What is handed over in one turn of the event loop travels
   * in one frame.
   * @param onOutcome called once, in the order of the attempts, when `current` names the next one already: a callback,
   * since promises of several answers that come at once would settle after all of them */
  run(message: RunAttempt, onOutcome: (outcome: ExecutorOutcome) => void): void {
    if (!this.#isAlive) {
      queueMicrotask(() => onOutcome({ type: "unstarted" }));
      return;
    }
    this.#pending.push({ message, onOutcome });
    this.tell(message);
  }

  /** Says something to the process, after all that was said before; nothing when it has ended. */
  tell(message: DaemonToExecutorMessage): void {
    if (this.#isAlive && this.#unsent.push(message) === 1) queueMicrotask(() => this.#send());
  }

  #send(): void {
    const frame = encodeFrame(this.#unsent);
    this.#unsent = [];
    // A broken connection is noticed by the reader, which then knows why.
    this.#link.stream.write(frame).catch(() => {});
  }

  async #readAnswers(): Promise<void> {
    try {
      for await (const message of this.#link.messages) {
        switch (message.type) {
          case "Succeeded":
          case "Failed":
            this.#takeAnswer(message);
            break;
          case "Returned":
            this.#takeReturned(message.attemptIds);
            break;
          case "Ready":
            throw new Error("it said hello twice");
          default:
            this.#takeRequest(message);
        }
      }
      throw new Error("the connection closed");
    } catch (error) {
      await this.#failPending(error);
    }
  }

  #takeAnswer(answer: ExecutorAnswer): void {
    const pending = this.#pending[0];
    if (answer.attemptId !== pending?.message.attemptId) {
      throw new Error("it answered what it was not asked");
    }
    this.#pending.shift();
    this.#isBlocked = false;
    this.#tasksDone++;
    const { durationMs } = answer;
    pending.onOutcome(
      answer.type === "Succeeded"
        ? { type: "succeeded", result: answer.result, durationMs }
        : { type: "failed", error: { kind: "thrown", ...answer.error }, durationMs },
    );
  }

  #takeReturned(attemptIds: readonly AttemptId[]): void {
    for (const attemptId of attemptIds) {
      const index = this.#pending.findIndex(({ message }) => message.attemptId === attemptId);
      if (index < 1) throw new Error("it gave back what it does not have, or runs");
      const [{ onOutcome }] = this.#pending.splice(index, 1);
      onOutcome({ type: "unstarted" });
    }
  }

  #takeRequest(request: ExecutorRequest): void {
    // Of an attempt that it does not run, nothing counts: code of a task must not speak for another.
    if ("attemptId" in request && request.attemptId !== this.current) return;
    if (request.type === "Blocked" || request.type === "Resumed") {
      this.#isBlocked = request.type === "Blocked";
    }
    this.#onRequest(this, request);
  }

  /** What it was running fails with the cause; what was to come after that has not begun. */
  async #failPending(error: unknown): Promise<void> {
    this.#isAlive = false;
    const [current, ...unstarted] = this.#pending.splice(0);
    const end = await this.#describeEnd(error);
    const message = `${end}; its peak memory was at least ${this.#peakMiB()} MiB`;
    current?.onOutcome({
      type: "failed",
      error: { kind: "crashed", name: "ExecutorCrashed", message },
      durationMs: 0,
    });
    for (const { onOutcome } of unstarted) onOutcome({ type: "unstarted" });
  }

  /** Why the process is of no more use: by its own end when there is one, else by what it did wrong, for which it is
   * ended here. */
  async #describeEnd(error: unknown): Promise<string> {
    const who = `The executor (process ${this.pid})`;
    this.status();
    const exit = await Promise.race([this.#process.status, delay(EXIT_PATIENCE_MS)]);
    if (exit === undefined) {
      this.kill();
      await this.ended;
      return `${who} was ended, since it could not be understood: ${errorMessage(error)}`;
    }
    if (this.#isKilledByUs) return `${who} was ended on request`;
    if (exit.signal === "SIGKILL") {
      return `${who} was killed (SIGKILL): by the system for want of memory, or by somebody`;
    }
    return `${who} ended ${exit.signal ? `by ${exit.signal}` : `with exit code ${exit.code}`}`;
  }

  #peakMiB(): number {
    return Math.round(this.#peakMemoryBytes / 2 ** 20);
  }

  /** Fresh numbers; of a process that ended, its last ones. */
  status(): ExecutorStatus {
    this.#peakMemoryBytes = peakMemoryBytes(this.pid) ?? this.#peakMemoryBytes;
    return { pid: this.pid, peakMemoryBytes: this.#peakMemoryBytes, tasksDone: this.#tasksDone };
  }

  /** Ends the process at once. */
  kill(): void {
    this.#isKilledByUs = true;
    // At once, and not when its end is noticed: nobody must be given an executor that is about to end.
    this.#isAlive = false;
    this.status();
    killQuietly(this.#process);
  }
}

function spawn(options: ExecutorOptions, socketPath: string): Deno.ChildProcess {
  const main = new URL("./executor_main.ts", import.meta.url);
  const writable = [options.nodeDir, options.objectFolder, ...options.writableDirs].join(",");
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
    options.workerId,
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
