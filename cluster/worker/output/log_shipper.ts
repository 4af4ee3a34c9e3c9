import { delay } from "@std/async/delay";
import { MAX_LOG_BATCH_BYTES } from "../../protocol/log_line.ts";
import { bearer, type Token } from "../../protocol/access.ts";

/** Lines that wait for the head, in UTF-16 code units; what comes while so many wait is dropped. */
const MAX_WAITING_LENGTH = 4 * 1024 * 1024;
/** A code unit takes at most three bytes. */
const MAX_BATCH_LENGTH = MAX_LOG_BATCH_BYTES / 4;
const FIRST_DELAY_MS = 200;
const MAX_DELAY_MS = 5_000;
const REQUEST_TIMEOUT_MS = 10_000;
/** How long the last lines of a daemon may take. */
const LAST_PATIENCE_MS = 1_000;

/** Few, and they say what else was dropped. */
function isNotice(line: string): boolean {
  return line.startsWith('{"stream":"notice"');
}

/** Sends lines of JSON to the head, in their order, one request at a time, by requests of their own: however much tasks
 * write, what is said of tasks does not wait for it. A request that fails is made again; the head recognises lines that
 * it has. */
export class LogShipper implements AsyncDisposable {
  readonly #url: string;
  readonly #token: Token;
  readonly #onDropped: (count: number) => void;
  #waiting: string[] = [];
  #waitingLength = 0;
  #dropped = 0;
  #sending: Promise<void> | undefined;
  readonly #stop = new AbortController();

  /** @param onDropped is told how many lines did not fit, once there is room again */
  constructor(
    headUrl: string,
    token: Token,
    node: string,
    onDropped: (count: number) => void,
  ) {
    this.#url = `${headUrl}/logs?node=${encodeURIComponent(node)}`;
    this.#token = token;
    this.#onDropped = onDropped;
  }

  /** Takes lines. */
  add(lines: readonly string[]): void {
    for (const line of lines) {
      if (this.#waitingLength > (isNotice(line) ? 2 : 1) * MAX_WAITING_LENGTH) this.#dropped++;
      else {
        this.#waiting.push(line);
        this.#waitingLength += line.length;
      }
    }
    this.#sending ??= this.#sendAll().finally(() => this.#sending = undefined);
  }

  /** Gives what waits a moment to go out. */
  async [Symbol.asyncDispose](): Promise<void> {
    const patience = setTimeout(() => this.#stop.abort(), LAST_PATIENCE_MS);
    await this.#sending;
    clearTimeout(patience);
  }

  async #sendAll(): Promise<void> {
    let delayMs = FIRST_DELAY_MS;
    while (this.#waiting.length > 0 && !this.#stop.signal.aborted) {
      const count = this.#batchSize();
      if (await this.#post(this.#waiting.slice(0, count))) {
        for (const line of this.#waiting.splice(0, count)) this.#waitingLength -= line.length;
        delayMs = FIRST_DELAY_MS;
        this.#tellDropped();
      } else {
        await delay(delayMs, { signal: this.#stop.signal }).catch(() => {});
        delayMs = Math.min(MAX_DELAY_MS, 2 * delayMs);
      }
    }
  }

  #batchSize(): number {
    let length = 0;
    const end = this.#waiting.findIndex((line) => (length += line.length + 1) > MAX_BATCH_LENGTH);
    return end < 0 ? this.#waiting.length : Math.max(1, end);
  }

  /** @returns whether the head has them, or never will: what it refuses it would refuse again */
  async #post(lines: readonly string[]): Promise<boolean> {
    try {
      const response = await fetch(this.#url, {
        method: "POST",
        headers: { authorization: bearer(this.#token) },
        body: lines.join("\n"),
        signal: AbortSignal.any([this.#stop.signal, AbortSignal.timeout(REQUEST_TIMEOUT_MS)]),
      });
      await response.body?.cancel();
      return response.status < 500;
    } catch {
      return false;
    }
  }

  #tellDropped(): void {
    if (this.#dropped === 0) return;
    const count = this.#dropped;
    this.#dropped = 0;
    this.#onDropped(count);
  }
}
