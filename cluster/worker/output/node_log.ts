import { errorMessage } from "../../../src/base/errors.ts";
import { RotatingFile } from "../../../src/base/rotating_file.ts";
import type { LogLine } from "../../protocol/log_line.ts";
import type { TaskLine } from "./executor_output.ts";

/** How often lines are written and sent. */
const FLUSH_MS = 100;
/** Lines that wait for that, in UTF-16 code units of their JSON; more are counted and dropped. */
const MAX_WAITING_LENGTH = 4 * 1024 * 1024;
const MAX_FILE_BYTES = 16 * 1024 * 1024;
const MAX_OLD_FILES = 3;

/** What a node's log needs. */
export interface NodeLogOptions {
  /** The worker's id. */
  readonly node: string;
  /** The file of the node's lines; full ones beside it are named `.1` to `.3`. */
  readonly path: string;
  /** Takes whole lines of JSON for the head, in their order. */
  readonly ship: (lines: readonly string[]) => void;
}

/** The log of a node: what its tasks wrote and what the daemon has to say, as lines of JSON, in a bounded file of the
 * node, and on their way to the head. What comes faster than it can be written is dropped, and how much is said. */
export class NodeLog implements Disposable {
  readonly #options: NodeLogOptions;
  readonly #file: RotatingFile;
  #waiting: string[] = [];
  #waitingLength = 0;
  #dropped = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(options: NodeLogOptions) {
    this.#options = options;
    this.#file = new RotatingFile(options.path, MAX_FILE_BYTES, MAX_OLD_FILES);
  }

  /** Takes a line of a task. */
  task(line: TaskLine): void {
    this.#add({ ...line, node: this.#options.node });
  }

  /** Takes what the daemon has to say. */
  notice(text: string): void {
    const time = new Date().toISOString();
    this.#add({ stream: "notice", time, node: this.#options.node, text });
  }

  /** Writes what waits. */
  [Symbol.dispose](): void {
    clearTimeout(this.#timer);
    this.#flush();
  }

  #add(line: LogLine): void {
    if (this.#waitingLength > MAX_WAITING_LENGTH) {
      this.#dropped++;
      return;
    }
    const json = JSON.stringify(line);
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
    this.#options.ship(lines);
  }

  #write(lines: readonly string[]): void {
    try {
      this.#file.append(lines.join("\n") + "\n");
    } catch (error) {
      // A full disk must not end the daemon; the head still gets the lines.
      this.#options.ship([JSON.stringify(
        {
          stream: "notice",
          time: new Date().toISOString(),
          node: this.#options.node,
          text: `Cannot write ${this.#options.path}: ${errorMessage(error)}`,
        } satisfies LogLine,
      )]);
    }
  }
}
