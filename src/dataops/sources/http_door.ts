import { readUntilAborted } from "../../base/read_until_aborted.ts";
import { errorMessage, UserError } from "../../base/errors.ts";
import type { Rng } from "../../base/rng.ts";
import type { WaitingClock } from "../../base/waiting_clock.ts";
import { TokenBucket } from "./token_bucket.ts";

const MAX_ATTEMPTS = 6;
const FIRST_DELAY_MS = 500;
const MAX_DELAY_MS = 30_000;
/** A server that asks for more patience is given up. */
const MAX_RETRY_AFTER_MS = 300_000;
const ATTEMPT_TIMEOUT_MS = 30_000;
const MAX_BODY_BYTES = 64 * 2 ** 20;
const SHOWN_CHARACTERS = 200;
/** Too many requests; and the ban that follows for those who go on. */
const SLOW_DOWN = new Set([429, 418]);

/** How a server is asked. */
export interface HttpDoorOptions {
  /** For messages: what the source is called. */
  readonly name: string;
  readonly requestsPerSecond: number;
  /** Requests that may go out at once after a rest. */
  readonly burst: number;
  readonly clock: WaitingClock;
  /** Spreads retries, so that many clients do not come back at once. */
  readonly rng: Rng;
}

/** A server was asked, and said no: asking again would not help. */
export class RefusedError extends UserError {
  /** Takes the HTTP status beside the message. */
  constructor(message: string, readonly status: number) {
    super("dataops/refused", message);
  }
}

/** Asks one server, never faster than its limit. What passes by itself is tried again, six times in all with growing
 * pauses: no connection, a server error, an answer that is cut short or makes no sense. A server that says how long to
 * wait is obeyed by all requests. */
export class HttpDoor {
  readonly #options: HttpDoorOptions;
  readonly #bucket: TokenBucket;
  #requests = 0;

  constructor(options: HttpDoorOptions) {
    this.#options = options;
    this.#bucket = new TokenBucket(options.clock, options.requestsPerSecond, options.burst);
  }

  /** Requests that have been sent. */
  get requests(): number {
    return this.#requests;
  }

  /** Gets an address.
   * @param read turns the body into what it means; what it throws counts as an answer that was cut short
   * @throws {RefusedError} when the server refuses, with its words
   * @throws {UserError} when no attempt succeeded, with the reason of the last one */
  async get<T>(url: URL, read: (body: Uint8Array) => T, signal: AbortSignal): Promise<T> {
    for (let attempt = 1;; attempt++) {
      await this.#bucket.take(signal);
      const answer = await this.#ask(url, read, signal);
      if (answer.type === "read") return answer.value;
      signal.throwIfAborted();
      if (answer.type === "refused") throw answer.error;
      if (attempt === MAX_ATTEMPTS) {
        throw new UserError(
          "dataops/unreachable",
          `Cannot get ${shownUrl(url)} of ${this.#options.name}: ` +
            `${answer.reason}, after ${attempt} attempts`,
          { hint: "What was fetched before is kept: run the command again to go on." },
        );
      }
      if (answer.waitMs !== undefined) this.#bucket.close(answer.waitMs);
      else await this.#options.clock.sleep(this.#delayMs(attempt), signal);
    }
  }

  async #ask<T>(
    url: URL,
    read: (body: Uint8Array) => T,
    signal: AbortSignal,
  ): Promise<Answer<T>> {
    this.#requests++;
    const timeout = new AbortController();
    const timer = setTimeout(
      () => timeout.abort(new Error(`no answer within ${ATTEMPT_TIMEOUT_MS / 1000} s`)),
      ATTEMPT_TIMEOUT_MS,
    );
    const either = AbortSignal.any([signal, timeout.signal]);
    try {
      const response = await fetch(url, { signal: either });
      const body = await readBody(response, either);
      if (response.ok) return { type: "read", value: read(body) };
      return this.#problemOf(url, response, body);
    } catch (error) {
      return { type: "failed", reason: errorMessage(error) };
    } finally {
      clearTimeout(timer);
    }
  }

  #problemOf(url: URL, response: Response, body: Uint8Array): Answer<never> {
    const { status } = response;
    const text = new TextDecoder().decode(body).slice(0, SHOWN_CHARACTERS).trim();
    const reason = `it answered ${status}${text === "" ? "" : `, ${text}`}`;
    const waitMs = retryAfterMs(response.headers, this.#options.clock.nowMs());
    const isPassing = SLOW_DOWN.has(status) || status >= 500 || status === 408;
    if (isPassing && (waitMs ?? 0) <= MAX_RETRY_AFTER_MS) return { type: "failed", reason, waitMs };
    const message = `Cannot get ${shownUrl(url)} of ${this.#options.name}: ${reason}`;
    return { type: "refused", error: new RefusedError(message, status) };
  }

  #delayMs(attempt: number): number {
    const delayMs = Math.min(MAX_DELAY_MS, FIRST_DELAY_MS * 2 ** (attempt - 1));
    return delayMs * (0.5 + this.#options.rng.next() / 2);
  }
}

type Answer<T> =
  | { readonly type: "read"; readonly value: T }
  | { readonly type: "refused"; readonly error: RefusedError }
  | { readonly type: "failed"; readonly reason: string; readonly waitMs?: number };

async function readBody({ body }: Response, signal: AbortSignal): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of body === null ? [] : readUntilAborted(body, signal)) {
    size += chunk.length;
    if (size > MAX_BODY_BYTES) throw new Error(`the answer has more than ${MAX_BODY_BYTES} bytes`);
    chunks.push(chunk);
  }
  return new Uint8Array(await new Blob(chunks as Uint8Array<ArrayBuffer>[]).arrayBuffer());
}

/** Source: RFC 9110, section 10.2.3: seconds, or a date. */
function retryAfterMs(headers: Headers, nowMs: number): number | undefined {
  const text = headers.get("retry-after");
  if (text === null) return undefined;
  const waitMs = /^\d+$/.test(text) ? Number(text) * 1000 : Date.parse(text) - nowMs;
  return Number.isNaN(waitMs) ? undefined : Math.max(0, waitMs);
}

/** Without the query, which may hold a key. */
function shownUrl({ origin, pathname }: URL): string {
  return `${origin}${pathname}`;
}
