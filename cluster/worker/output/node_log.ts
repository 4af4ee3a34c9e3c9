import { errorMessage } from "../../../src/base/errors.ts";
import { RotatingFile } from "../../../src/base/rotating_file.ts";
import type { LogLine, NoticeLine } from "../../protocol/log_line.ts";
import type { TaskLine } from "./executor_output.ts";
import { LogShipper } from "./log_shipper.ts";
import type { Token } from "../../protocol/access.ts";

/** How often lines are written and sent. */
const FLUSH_MS = 100;
/** Lines that wait for that, in UTF-16 code units of their JSON; more are counted and dropped. */
const MAX_WAITING_LENGTH = 4 * 1024 * 1024;
const MAX_FILE_BYTES = 16 * 1024 * 1024;
const MAX_OLD_FILES = 3;

/** What a node's log needs. */
export interface NodeLogOptions {
  readonly headUrl: string;
  readonly token: Token;
  readonly workerId: string;
  /** The file of the node's lines; full ones beside it are named `.1` to `.3`. */
  readonly logPath: string;
}

/** The log of a node: what its tasks wrote and what the daemon has to say, as lines of JSON, in a bounded file of the
 * node, and on their way to the head. What comes faster than it can be written is dropped, and how much is said. */
export class NodeLog implements AsyncDisposable {
  readonly #options: NodeLogOptions;
  readonly #file: RotatingFile;
  readonly #shipper: LogShipper;
  #lastLine = 0;
  #waiting: string[] = [];
  #waitingLength = 0;
  #dropped = 0;
  #isBroken = false;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(options: NodeLogOptions) {
    this.#options = options;
    const { headUrl, token, workerId, logPath } = options;
    this.#file = new RotatingFile(logPath, MAX_FILE_BYTES, MAX_OLD_FILES);
    this.#shipper = new LogShipper(
      headUrl,
      token,
      workerId,
      (count) =>
        this.notice(`… ${count} lines dropped: the head could not be told; see ${logPath}`),
    );
  }

  /** Takes a line of a task. */
  task(line: TaskLine): void {
    this.#add(line);
  }

  /** Takes what the daemon has to say. */
  notice(text: string): void {
    this.#add({ stream: "notice", time: new Date().toISOString(), text });
  }

  /** Writes and sends what waits. */
  async [Symbol.asyncDispose](): Promise<void> {
    clearTimeout(this.#timer);
    this.#flush();
    await this.#shipper[Symbol.asyncDispose]();
  }

  #add(line: TaskLine | Omit<NoticeLine, "node" | "line">): void {
    if (this.#waitingLength > MAX_WAITING_LENGTH) {
      this.#dropped++;
      return;
    }
    const node = this.#options.workerId;
    const json = JSON.stringify({ ...line, node, line: ++this.#lastLine } satisfies LogLine);
    this.#waiting.push(json);
    this.#waitingLength += json.length;
    this.#timer ??= setTimeout(() => this.#flush(), FLUSH_MS);
  }

  #flush(): void {
    this.#waitingLength = 0;
    if (this.#dropped > 0) {
      const dropped = this.#dropped;
      this.#dropped = 0;
      this.notice(`… ${dropped} lines dropped: tasks wrote faster than the node keeps them`);
    }
    this.#timer = undefined;
    const lines = this.#waiting;
    this.#waiting = [];
    if (lines.length === 0) return;
    this.#write(lines);
    this.#shipper.add(lines);
  }

  #write(lines: readonly string[]): void {
    try {
      this.#file.append(lines.join("\n") + "\n");
      this.#isBroken = false;
    } catch (error) {
      // A full disk must not end the daemon; the head still gets the lines, and this once.
      if (!this.#isBroken) {
        this.notice(`Cannot write ${this.#options.logPath}: ${errorMessage(error)}`);
      }
      this.#isBroken = true;
    }
  }
}
