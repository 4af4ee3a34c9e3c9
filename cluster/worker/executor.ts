import { deadline } from "@std/async/deadline";
import { delay } from "@std/async/delay";
import { assertNever, errorMessage } from "../../src/base/errors.ts";
import { encodeFrame } from "../protocol/codec.ts";
import type {
  DaemonToExecutorMessage,
  ExecutorAnswer,
  ExecutorMessage,
  ExecutorRequest,
  ExecutorWork,
} from "../protocol/messages.ts";
import type { ExecutorStatus } from "../protocol/status.ts";
import type { AttemptId, EndReport, ResultRef, TaskError } from "../scheduler/types.ts";
import type { ExecutorDoor, ExecutorLink } from "./executor_door.ts";
import { describeExecutorEnd } from "./executor_end.ts";
import type { ExecutorKind } from "./executor_kind.ts";
import { killQuietly, spawnExecutor } from "./executor_process.ts";
import type { ExecutorOptions } from "./executor_process.ts";
import { ExecutorOutput, type TaskLine } from "./output/executor_output.ts";
import { SecretSet } from "./output/secrets.ts";
import { describePermissions } from "./granted_permissions.ts";
import { readProcessMemory } from "./process_memory.ts";

const START_TIMEOUT_MS = 30_000;
/** How long a process that broke its connection may take to end by itself, and its last output to arrive. */
const EXIT_PATIENCE_MS = 500;

/** What came of handing an attempt to an executor. `unstarted`: it ended before it came to the attempt, or gave it back
 * since the attempt that it runs is blocked. */
export type ExecutorOutcome = EndReport | { readonly type: "unstarted" };

/** What an executor gets. */
export interface ExecutorJob {
  readonly message: ExecutorWork;
  /** What must not be seen of its environment. */
  readonly secrets: readonly string[];
}

/** What executors need of their daemon. */
export interface ExecutorSurroundings {
  readonly door: ExecutorDoor;
  readonly options: ExecutorOptions;
  /** Of the node itself. */
  readonly secrets: readonly string[];
  readonly onLine: (line: TaskLine) => void;
  /** What the code of the attempt that an executor runs wants of the daemon. */
  readonly onRequest: (executor: Executor, request: ExecutorRequest) => void;
  /** Whether the kernel killed a process for want of memory in the last moment. */
  readonly kernelKilled: () => boolean;
}

/** Called once when an executor answers, or ends.
 * @param state that of the actor after it, if it said one */
export type TakeOutcome = (outcome: ExecutorOutcome, state?: ResultRef) => void;

interface PendingWork {
  readonly message: ExecutorWork;
  readonly onOutcome: TakeOutcome;
}

/** The actor to which an executor belongs. */
interface Tenant {
  /** The attempt of its creation. */
  readonly attemptId: AttemptId;
  /** For people. */
  readonly name: string;
  /** Calls that it works on at once. */
  readonly maxConcurrency: number;
  /** The process ended: told before any call is. */
  readonly onLost: (error: TaskError) => void;
}

/** One executor process, as its daemon sees it. It runs one attempt at a time, in the order in which it gets them; when
 * it ends in the middle of one, that attempt fails with the cause, and the daemon goes on. */
export class Executor {
  readonly pid: number;
  readonly kind: ExecutorKind;
  /** Settles when the process has ended. */
  readonly ended: Promise<void>;
  readonly #process: Deno.ChildProcess;
  readonly #link: ExecutorLink;
  readonly #output: ExecutorOutput;
  readonly #secrets: SecretSet;
  readonly #around: ExecutorSurroundings;
  /** In the order in which the process runs them. */
  readonly #pending: PendingWork[] = [];
  #tenant: Tenant | undefined;
  /** The state that belongs to the next answer. */
  #state: ResultRef | undefined;
  #unsent: DaemonToExecutorMessage[] = [];
  #tasksDone = 0;
  #peakMemoryBytes = 0;
  #ownMemoryBytes = 0;
  #isAlive = true;
  #isBlocked = false;
  #killedFor: "request" | "memory" | undefined;

  private constructor(
    kind: ExecutorKind,
    process: Deno.ChildProcess,
    link: ExecutorLink,
    output: ExecutorOutput,
    secrets: SecretSet,
    around: ExecutorSurroundings,
  ) {
    this.kind = kind;
    this.#process = process;
    this.#link = link;
    this.#output = output;
    this.#secrets = secrets;
    this.#around = around;
    this.pid = process.pid;
    this.status();
    // The connection is not closed here: an answer that the process gave before its end may still be in it.
    this.ended = process.status.then(() => {
      this.#isAlive = false;
    });
    this.#readAnswers();
  }

  /** Starts a process and waits until it is ready.
   * @throws {Error} when it ends or says nothing within 30 s */
  static async start(kind: ExecutorKind, around: ExecutorSurroundings): Promise<Executor> {
    const { door, options } = around;
    const process = spawnExecutor(options, kind, door.path);
    const secrets = new SecretSet(around.secrets);
    const output = new ExecutorOutput(process, secrets, around.onLine);
    try {
      const link = await deadline(
        Promise.race([door.expect(process.pid), failAtExit(process, output)]),
        START_TIMEOUT_MS,
      );
      return new Executor(kind, process, link, output, secrets, around);
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

  /** Whether it belongs to an actor: then it takes nothing but its calls. */
  get isLet(): boolean {
    return this.#tenant !== undefined;
  }

  /** Takes more secrets that nothing that it writes may show. */
  learn(secrets: readonly string[]): void {
    this.#secrets.learn(secrets);
  }

  /** Gives it to an actor for the rest of its life. */
  let(tenant: Tenant): void {
    this.#tenant = tenant;
  }

  /** Hands it an attempt, to be run after those that it has. What is handed over in one turn of the event loop travels
   * in one frame.
   * @param onOutcome called once, in the order of the attempts, when `current` names the next one already: a callback,
   * since promises of several answers that come at once would settle after all of them */
  run(job: ExecutorJob, onOutcome: TakeOutcome): void {
    if (!this.#isAlive) {
      queueMicrotask(() => onOutcome({ type: "unstarted" }));
      return;
    }
    this.#secrets.learn(job.secrets);
    const { message } = job;
    // What an actor writes is its own, whoever called it.
    if (message.type === "Run" || message.type === "Construct") this.#output.begin(message);
    this.#pending.push({ message, onOutcome });
    this.tell(message);
  }

  /** Says something to the process, after all that was said before; nothing when it has ended. */
  tell(message: DaemonToExecutorMessage): void {
    if (this.#isAlive && this.#unsent.push(message) === 1) queueMicrotask(() => this.#send());
  }

  /** Ends the process if it still runs the attempt after `graceMs`. */
  killUnlessDone(attemptId: AttemptId, graceMs: number): void {
    const grace = setTimeout(() => {
      if (this.current === attemptId) this.kill();
    }, graceMs);
    this.ended.then(() => clearTimeout(grace));
  }

  /** Looks at its memory: a process over its limit is ended.
   * @returns what it has of its own, in bytes */
  checkMemory(): number {
    this.status();
    const { memoryLimitBytes = Infinity } = this.kind;
    if (this.#isAlive && this.#ownMemoryBytes > memoryLimitBytes) this.#end("memory");
    return this.#ownMemoryBytes;
  }

  /** Fresh numbers; of a process that ended, its last ones. */
  status(): ExecutorStatus {
    const memory = readProcessMemory(this.pid);
    this.#peakMemoryBytes = memory?.peakBytes ?? this.#peakMemoryBytes;
    this.#ownMemoryBytes = memory?.ownBytes ?? this.#ownMemoryBytes;
    return {
      pid: this.pid,
      peakMemoryBytes: this.#peakMemoryBytes,
      tasksDone: this.#tasksDone,
      isAlive: this.#isAlive,
      permissions: describePermissions(this.kind.permissions?.asked),
    };
  }

  /** Ends the process at once. */
  kill(): void {
    this.#end("request");
  }

  #end(reason: "request" | "memory"): void {
    this.#killedFor ??= reason;
    // At once, and not when its end is noticed: nobody must be given an executor that is about to end.
    this.#isAlive = false;
    this.status();
    killQuietly(this.#process);
  }

  #send(): void {
    const frame = encodeFrame(this.#unsent);
    this.#unsent = [];
    // A broken connection is noticed by the reader, which then knows why.
    this.#link.stream.write(frame).catch(() => {});
  }

  async #readAnswers(): Promise<void> {
    try {
      for await (const messages of this.#link.messages) {
        for (const message of messages) this.#take(message);
      }
      throw new Error("the connection closed");
    } catch (error) {
      this.#isAlive = false;
      await this.#failPending(error);
    } finally {
      this.#link.stream.close();
    }
  }

  #take(message: ExecutorMessage): void {
    switch (message.type) {
      case "Succeeded":
      case "Failed":
      case "Starved":
        this.#takeAnswer(message);
        break;
      case "ActorState":
        this.#state = message.state;
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

  #takeAnswer(answer: ExecutorAnswer): void {
    const { onOutcome } = this.#takePending(answer.attemptId);
    const state = this.#state;
    this.#state = undefined;
    this.#isBlocked = false;
    this.#tasksDone++;
    if (!this.isLet) this.#output.end(answer.attemptId, answer.wroteOutput);
    onOutcome(this.#reportOf(answer), state);
  }

  /** The work that was answered: the first of the pending, unless an actor works on several calls. */
  #takePending(attemptId: AttemptId): PendingWork {
    const [first] = this.#pending;
    if (first?.message.attemptId === attemptId) {
      this.#pending.shift();
      return first;
    }
    const index = this.#pending.findIndex(({ message }) => message.attemptId === attemptId);
    if (index < 0 || index >= this.#concurrency) {
      throw new Error("it answered what it was not asked");
    }
    return this.#pending.splice(index, 1)[0];
  }

  #reportOf(answer: ExecutorAnswer): EndReport {
    const { durationMs } = answer;
    switch (answer.type) {
      case "Succeeded":
        return { type: "succeeded", result: answer.result, durationMs };
      case "Failed": {
        const error = this.#secrets.redactIn({ kind: "thrown" as const, ...answer.error });
        return { type: "failed", error, durationMs };
      }
      case "Starved":
        return { type: "starved", objectIds: answer.objectIds, message: answer.message };
      default:
        assertNever(answer);
    }
  }

  #takeReturned(attemptIds: readonly AttemptId[]): void {
    for (const attemptId of attemptIds) {
      const index = this.#pending.findIndex(({ message }) => message.attemptId === attemptId);
      if (index < 1) throw new Error("it gave back what it does not have, or runs");
      const [{ onOutcome }] = this.#pending.splice(index, 1);
      this.#output.end(attemptId, false);
      onOutcome({ type: "unstarted" });
    }
  }

  #takeRequest(request: ExecutorRequest): void {
    // Of an attempt that it does not run, nothing counts: code of a task must not speak for another.
    const speaker = this.#tenant?.attemptId ?? this.current;
    if ("attemptId" in request && request.attemptId !== speaker) return;
    if (request.type === "Blocked" || request.type === "Resumed") {
      this.#isBlocked = request.type === "Blocked";
    }
    this.#around.onRequest(this, request);
  }

  /** What it was running fails with the cause; what was to come after that has not begun. */
  async #failPending(error: unknown): Promise<void> {
    this.status();
    const kernelKilled = this.#around.kernelKilled();
    const exit = await Promise.race([this.#process.status, atMost(EXIT_PATIENCE_MS)]);
    if (exit === undefined) this.kill();
    await Promise.race([this.#output.closed, atMost(EXIT_PATIENCE_MS)]);
    const unstarted = this.#pending.splice(0);
    const begun = unstarted.splice(0, this.#concurrency);
    const failure = describeExecutorEnd({
      pid: this.pid,
      taskName: this.#tenant?.name ?? nameOf(begun[0]?.message),
      exit,
      problem: errorMessage(error),
      killedFor: this.#killedFor,
      memoryLimitBytes: this.kind.memoryLimitBytes,
      ownBytes: this.#ownMemoryBytes,
      peakBytes: this.#peakMemoryBytes,
      kernelKilled: kernelKilled || this.#around.kernelKilled(),
      lastWords: this.#output.lastWords,
    });
    const message = this.#secrets.redact(failure.message);
    const end: TaskError = { ...failure, message };
    this.#tenant?.onLost(end);
    for (const { onOutcome } of begun) onOutcome({ type: "failed", error: end, durationMs: 0 });
    for (const { onOutcome } of unstarted) onOutcome({ type: "unstarted" });
  }

  /** How many of the pending it may have begun, from the first. */
  get #concurrency(): number {
    return this.#tenant?.maxConcurrency ?? 1;
  }
}

function nameOf(message: ExecutorWork | undefined): string {
  return message !== undefined && "info" in message ? message.info.name : "";
}

async function failAtExit(process: Deno.ChildProcess, output: ExecutorOutput): Promise<never> {
  const { code, signal } = await process.status;
  await Promise.race([output.closed, atMost(EXIT_PATIENCE_MS)]);
  const said = output.lastWords.length === 0
    ? ""
    : `, saying: ${output.lastWords.slice(-3).join(" ⏎ ")}`;
  throw new Error(
    `its process ended with ${signal ?? `exit code ${code}`} before it was ready${said}`,
  );
}

async function atMost(ms: number): Promise<undefined> {
  await delay(ms);
}
