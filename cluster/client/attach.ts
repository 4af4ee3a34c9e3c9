import { delay } from "@std/async/delay";
import { CodedError, errorMessage } from "../../src/base/errors.ts";
import { readUntilAborted } from "../../src/base/read_until_aborted.ts";
import type { StoredLine } from "../protocol/log_line.ts";
import { bearer } from "../protocol/access.ts";

/** Which part of a cluster's log is wanted; what is left out does not matter. */
export interface AttachOptions {
  /** For instance `http://127.0.0.1:4567`. */
  readonly headUrl: string;
  /** The cluster's bearer token. */
  readonly token: string | (() => string);
  /** Lines of one run. */
  readonly runId?: string;
  /** Lines of one task, by its id, or of all tasks of a name. */
  readonly task?: string;
  /** Lines of one worker, or of the `head`. */
  readonly node?: string;
  /** Lines of the past; default: all that are kept, but at most the last 10,000. */
  readonly maxAgeMs?: number;
  /** Whether to go on with what comes; default: true. */
  readonly follow?: boolean;
  /** How long the head may be away; default: 30 s. One that was not there once is waited for 3 s at most. */
  readonly patienceMs?: number;
  /** Ends it. */
  readonly signal?: AbortSignal;
  /** Told when the connection broke, before it is made again. */
  readonly onBreak?: (reason: string) => void;
}

const FIRST_PATIENCE_MS = 3_000;
const FIRST_DELAY_MS = 100;
const MAX_DELAY_MS = 2_000;
/** The head says where it is every 2 s: one that is silent for longer is away. */
const SILENCE_LIMIT_MS = 10_000;

/** The log of a cluster, line by line, as the head has them: what tasks wrote, and what workers and the head have to say.
 * A connection that breaks is made again, and goes on after the last line.
 * @throws {Error} when the head refuses the token, or is away for longer than `patienceMs` */
export async function* attach(options: AttachOptions): AsyncGenerator<StoredLine> {
  const { signal } = options;
  let patienceMs = Math.min(options.patienceMs ?? 30_000, FIRST_PATIENCE_MS);
  let cursor: number | undefined;
  let delayMs = FIRST_DELAY_MS;
  let brokenSinceMs: number | undefined;
  while (!signal?.aborted) {
    try {
      for await (const item of readLog(options, cursor)) {
        patienceMs = options.patienceMs ?? 30_000;
        brokenSinceMs = undefined;
        delayMs = FIRST_DELAY_MS;
        if ("cursor" in item) cursor = item.cursor;
        else {
          cursor = item.seq;
          yield item;
        }
      }
      if (options.follow === false) return;
      throw new Error("the head ended the stream");
    } catch (error) {
      if (signal?.aborted) return;
      if (error instanceof RefusedError) throw error;
      const nowMs = Date.now();
      if (brokenSinceMs === undefined) options.onBreak?.(errorMessage(error));
      brokenSinceMs ??= nowMs;
      if (nowMs - brokenSinceMs > patienceMs) {
        const seconds = Math.round(patienceMs / 1000);
        const message = `The head at ${options.headUrl} was away for ${seconds} s`;
        throw new CodedError("head/unreachable", `${message}: ${errorMessage(error)}`, {
          cause: error,
        });
      }
      await delay(delayMs, { signal }).catch(() => {});
      delayMs = Math.min(MAX_DELAY_MS, 2 * delayMs);
    }
  }
}

/** Asking again would change nothing. */
class RefusedError extends Error {
  readonly code = "head/refused";
}

async function* readLog(
  options: AttachOptions,
  after: number | undefined,
): AsyncGenerator<StoredLine | { readonly cursor: number }> {
  const silence = new AbortController();
  const signal = AbortSignal.any([
    silence.signal,
    ...(options.signal === undefined ? [] : [options.signal]),
  ]);
  let timer: ReturnType<typeof setTimeout> | undefined;
  const heard = () => {
    clearTimeout(timer);
    timer = setTimeout(() => silence.abort(new Error("nothing was heard")), SILENCE_LIMIT_MS);
  };
  heard();
  try {
    const response = await fetch(addressOf(options, after), {
      headers: { authorization: bearer(options.token) },
      signal,
    });
    if (!response.ok) await refuse(response, options.headUrl);
    let rest = "";
    const texts = (response.body ?? new Blob([]).stream()).pipeThrough(new TextDecoderStream());
    for await (const text of readUntilAborted(texts, signal)) {
      heard();
      const lines = (rest + text).split("\n");
      rest = lines.pop() ?? "";
      for (const line of lines) yield JSON.parse(line);
    }
  } finally {
    clearTimeout(timer);
  }
}

function addressOf(options: AttachOptions, after: number | undefined): URL {
  const url = new URL(`${options.headUrl}/logs`);
  const params = {
    run: options.runId,
    task: options.task,
    node: options.node,
    // With a cursor the age does not matter, but the time has passed: what was wanted still is.
    since: after === undefined ? options.maxAgeMs : undefined,
    after,
    follow: options.follow === false ? 0 : undefined,
  };
  for (const [name, value] of Object.entries(params)) {
    if (value !== undefined) url.searchParams.set(name, String(value));
  }
  return url;
}

async function refuse(response: Response, headUrl: string): Promise<never> {
  const said = await response.text();
  if (response.status === 401) throw new RefusedError(`The head at ${headUrl} refused the token`);
  const message = `The head at ${headUrl} answered ${response.status} ${said.slice(0, 200)}`;
  throw response.status < 500 ? new RefusedError(message) : new Error(message);
}
