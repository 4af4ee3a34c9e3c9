import { delay } from "@std/async/delay";
import type { OutputLine } from "../../protocol/log_line.ts";
import type { AttemptId } from "../../scheduler/types.ts";
import { MarkReader } from "./marked_text.ts";
import { Redactor, type SecretSet } from "./secrets.ts";
import { StreamOwners } from "./stream_owners.ts";

/** Whose output it is. */
export interface AttemptLabel {
  readonly attemptId: AttemptId;
  readonly taskId: string;
  readonly info: { readonly name: string; readonly runId: string; readonly attemptNumber: number };
}

/** A line of a task; the node and its count are added where it is kept. */
export type TaskLine = Omit<OutputLine, "node" | "line">;

/** Of what an attempt writes, in UTF-16 code units; the rest is counted. */
const MAX_ATTEMPT_LENGTH = 4 * 1024 * 1024;
/** A longer line is cut into several. */
const MAX_LINE_LENGTH = 8 * 1024;
/** Lines of standard error that are kept for the message of a crash. */
const MAX_LAST_WORDS = 60;
/** How long an attempt that has written too much waits for each further piece: it must not keep the daemon busy. */
const OVERFLOW_PAUSE_MS = 5;

interface Owner extends AttemptLabel {
  /** Shared by both streams. */
  length: number;
}

/** What an executor writes: cut into lines, without secrets, each with the attempt that wrote it. */
export class ExecutorOutput {
  /** Settles when both streams have ended. */
  readonly closed: Promise<void>;
  readonly #stdout: OutputStream;
  readonly #stderr: OutputStream;

  constructor(
    process: {
      readonly stdout: ReadableStream<Uint8Array>;
      readonly stderr: ReadableStream<Uint8Array>;
    },
    secrets: SecretSet,
    onLine: (line: TaskLine) => void,
  ) {
    this.#stdout = new OutputStream("stdout", secrets, onLine);
    this.#stderr = new OutputStream("stderr", secrets, onLine);
    this.closed = Promise.all([
      this.#stdout.readAll(process.stdout),
      this.#stderr.readAll(process.stderr),
    ]).then(() => {});
  }

  /** The executor was given an attempt, which it runs after those that it has. */
  begin({ attemptId, taskId, info }: AttemptLabel): void {
    const owner = { attemptId, taskId, info, length: 0 };
    this.#stdout.owners.add(owner);
    this.#stderr.owners.add(owner);
  }

  /** The executor has answered an attempt.
   * @param wroteOutput it said that a mark follows the attempt's output on both streams */
  end(attemptId: AttemptId, wroteOutput: boolean): void {
    if (wroteOutput) return;
    this.#stdout.owners.end(attemptId);
    this.#stderr.owners.end(attemptId);
  }

  /** The last lines of standard error. */
  get lastWords(): readonly string[] {
    return this.#stderr.lastLines;
  }
}

class OutputStream {
  readonly owners = new StreamOwners<Owner>();
  readonly lastLines: string[] = [];
  readonly #name: "stdout" | "stderr";
  readonly #redactor: Redactor;
  readonly #onLine: (line: TaskLine) => void;
  readonly #marks = new MarkReader();
  #partial = "";
  #dropped = 0;

  constructor(name: "stdout" | "stderr", secrets: SecretSet, onLine: (line: TaskLine) => void) {
    this.#name = name;
    this.#redactor = new Redactor(secrets);
    this.#onLine = onLine;
  }

  async readAll(stream: ReadableStream<Uint8Array>): Promise<void> {
    const decoder = new TextDecoder();
    for await (const bytes of stream) {
      this.#take(decoder.decode(bytes, { stream: true }));
      if (this.#dropped > 0) await delay(OVERFLOW_PAUSE_MS);
    }
    this.#take(decoder.decode());
    this.#finishOwner();
  }

  #take(piece: string): void {
    for (const part of this.#marks.read(piece)) {
      if (part.type === "text") this.#takeText(part.text);
      else {
        this.#finishOwner();
        this.owners.end(part.attemptId);
      }
    }
  }

  #takeText(text: string): void {
    const owner = this.owners.current;
    if (owner !== undefined && owner.length > MAX_ATTEMPT_LENGTH) {
      this.#dropped += countLines(text);
      return;
    }
    const lines = (this.#partial + this.#redactor.push(text)).split("\n");
    this.#partial = lines.pop() ?? "";
    for (const line of lines) this.#emit(line);
    while (this.#partial.length > MAX_LINE_LENGTH) {
      this.#emit(this.#partial.slice(0, MAX_LINE_LENGTH));
      this.#partial = this.#partial.slice(MAX_LINE_LENGTH);
    }
  }

  /** The output of an attempt is here: what was held back of it goes out. */
  #finishOwner(): void {
    const rest = this.#partial + this.#redactor.flush();
    this.#partial = "";
    if (rest !== "") this.#emit(rest);
    if (this.#dropped === 0) return;
    const limit = `an attempt may write ${MAX_ATTEMPT_LENGTH / 2 ** 20} MiB`;
    this.#say(`… ${this.#dropped} lines dropped: ${limit}`);
    this.#dropped = 0;
  }

  #emit(line: string): void {
    const text = line.endsWith("\r") ? line.slice(0, -1) : line;
    for (let at = 0; at === 0 || at < text.length; at += MAX_LINE_LENGTH) {
      this.#say(text.slice(at, at + MAX_LINE_LENGTH));
    }
  }

  #say(text: string): void {
    this.lastLines.push(text);
    if (this.lastLines.length > MAX_LAST_WORDS) this.lastLines.shift();
    const owner = this.owners.current;
    if (owner !== undefined) owner.length += text.length + 1;
    this.#onLine({
      stream: this.#name,
      time: new Date().toISOString(),
      run: owner?.info.runId ?? "",
      task: owner?.taskId ?? "",
      attempt: owner?.info.attemptNumber ?? 0,
      name: owner?.info.name ?? "",
      text,
    });
  }
}

function countLines(text: string): number {
  let count = 0;
  for (let at = text.indexOf("\n"); at >= 0; at = text.indexOf("\n", at + 1)) count++;
  return count;
}
