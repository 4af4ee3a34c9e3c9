import { CodedError, errorMessage } from "../base/errors.ts";

/** Above it, lines are written without waiting for the end of the turn. */
const MAX_BUFFERED_CHARACTERS = 1_048_576;

/** Appends lines to a file: those of one turn of the event loop in one write. After a write that failed it refuses
 * everything, since the file may end in a part of a line. */
export class LineWriter {
  readonly #file: Deno.FsFile;
  readonly #path: string;
  readonly #syncsEachWrite: boolean;
  #lines: string[] = [];
  #characters = 0;
  #failure: Error | undefined;

  constructor(path: string, fsync: "at-close" | "every-write") {
    this.#path = path;
    this.#file = Deno.openSync(path, { create: true, append: true });
    this.#syncsEachWrite = fsync === "every-write";
  }

  /** Queues a line.
   * @throws {Error} when an earlier write has failed */
  write(line: string): void {
    this.#throwIfFailed();
    if (this.#lines.length === 0) queueMicrotask(() => this.#tryWrite());
    this.#lines.push(line);
    this.#characters += line.length;
    if (this.#characters > MAX_BUFFERED_CHARACTERS) this.flush();
  }

  /** Writes what is queued, now.
   * @throws {Error} when that fails, or an earlier write has failed */
  flush(): void {
    this.#tryWrite();
    this.#throwIfFailed();
  }

  /** Has the disk hold what was written. */
  sync(): void {
    this.#file.syncDataSync();
  }

  /** Cuts the file off; nothing may be queued. */
  truncate(bytes: number): void {
    // Not by the file that is open: appending does not include the right to truncate everywhere.
    Deno.truncateSync(this.#path, bytes);
  }

  /** Closes the file; what is still queued is lost. */
  close(): void {
    this.#lines = [];
    this.#file.close();
  }

  #tryWrite(): void {
    if (this.#lines.length === 0 || this.#failure !== undefined) return;
    const bytes = new TextEncoder().encode(this.#lines.join("\n") + "\n");
    this.#lines = [];
    this.#characters = 0;
    try {
      for (let written = 0; written < bytes.length;) {
        written += this.#file.writeSync(bytes.subarray(written));
      }
      if (this.#syncsEachWrite) this.sync();
    } catch (error) {
      this.#failure = new CodedError(
        "file/unwritable",
        `Cannot write ${this.#path}: ${errorMessage(error)}`,
        {
          cause: error,
        },
      );
    }
  }

  #throwIfFailed(): void {
    if (this.#failure !== undefined) throw this.#failure;
  }
}
