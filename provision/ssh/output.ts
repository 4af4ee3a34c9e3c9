const KEPT_BYTES = 64 * 1024;

/** The last 64 KiB of a stream. */
export class Tail {
  readonly #chunks: Uint8Array[] = [];
  #bytes = 0;

  /** Takes what came. */
  push(chunk: Uint8Array): void {
    this.#chunks.push(new Uint8Array(chunk));
    this.#bytes += chunk.length;
    while (this.#bytes - this.#chunks[0].length >= KEPT_BYTES) {
      this.#bytes -= this.#chunks[0].length;
      this.#chunks.shift();
    }
  }

  /** What is kept, as UTF-8; what is cut in the middle of a character loses it. */
  text(): string {
    const all = new Uint8Array(this.#bytes);
    let at = 0;
    for (const chunk of this.#chunks) {
      all.set(chunk, at);
      at += chunk.length;
    }
    return new TextDecoder().decode(all.subarray(Math.max(0, all.length - KEPT_BYTES)));
  }
}

/** A line without end is cut here. */
const MAX_LINE_CHARACTERS = 16 * 1024;

/** Cuts a stream of UTF-8 into lines. */
export class LineSplitter {
  readonly #onLine: (line: string) => void;
  readonly #decoder = new TextDecoder();
  #rest = "";

  /** @param onLine told each line, without its end */
  constructor(onLine: (line: string) => void) {
    this.#onLine = onLine;
  }

  /** Takes what came. */
  push(chunk: Uint8Array): void {
    const lines = (this.#rest + this.#decoder.decode(chunk, { stream: true })).split(/\r?\n/);
    this.#rest = lines.pop() ?? "";
    for (const line of lines) this.#onLine(line);
    if (this.#rest.length >= MAX_LINE_CHARACTERS) this.end();
  }

  /** Gives what has no end as a line. */
  end(): void {
    if (this.#rest !== "") this.#onLine(this.#rest);
    this.#rest = "";
  }
}
