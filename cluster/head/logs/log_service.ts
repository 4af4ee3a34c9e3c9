import { refusal } from "../../protocol/refusal.ts";
import { errorMessage } from "../../../src/base/errors.ts";
import { MAX_LOG_BATCH_BYTES, parseLogLines } from "../../protocol/log_line.ts";
import type { LogFilter } from "./log_filter.ts";
import type { LogStore } from "./log_store.ts";

/** So often a follower hears where it is, though there is no line for it. */
const CURSOR_MS = 2_000;

/** Answers `/logs`: workers `POST` lines, whoever follows the log `GET`s them. The caller has checked the token. */
export class LogService {
  readonly #store: LogStore;
  readonly #closing = Promise.withResolvers<void>();
  #isClosing = false;

  constructor(store: LogStore) {
    this.#store = store;
  }

  /** Answers a request.
   * @param mayRead asked while somebody follows: whether they still may */
  async answer(request: Request, mayRead: () => boolean = () => true): Promise<Response> {
    const { searchParams } = new URL(request.url);
    switch (request.method) {
      case "POST":
        return await this.#take(request, searchParams.get("node") ?? "");
      case "GET":
        return this.#follow(searchParams, mayRead);
      default:
        return refusal(405, `Cannot ${request.method} the log`);
    }
  }

  /** Ends all streams. */
  close(): void {
    this.#isClosing = true;
    this.#closing.resolve();
  }

  async #take(request: Request, node: string): Promise<Response> {
    if (Number(request.headers.get("content-length") ?? Infinity) > MAX_LOG_BATCH_BYTES) {
      await request.body?.cancel();
      return refusal(413, `Cannot take more than ${MAX_LOG_BATCH_BYTES} bytes at once`);
    }
    try {
      this.#store.append(parseLogLines(await request.text(), node));
      return new Response(null, { status: 204 });
    } catch (error) {
      return refusal(400, errorMessage(error));
    }
  }

  #follow(params: URLSearchParams, mayRead: () => boolean): Response {
    const number = (name: string) => {
      const text = params.get(name);
      return text === null ? undefined : Number(text);
    };
    const maxAgeMs = number("since");
    const after = number("after");
    if (!((after ?? 0) >= 0) || !((maxAgeMs ?? 0) >= 0)) {
      return refusal(400, "after and since must be numbers from 0");
    }
    const filter: LogFilter = {
      run: params.get("run") ?? undefined,
      task: params.get("task") ?? undefined,
      node: params.get("node") ?? undefined,
      sinceMs: maxAgeMs === undefined ? undefined : Date.now() - maxAgeMs,
    };
    const stream = this.#stream(after, filter, params.get("follow") !== "0", mayRead);
    return new Response(stream, { headers: { "content-type": "application/x-ndjson" } });
  }

  /** Lines when the reader takes them: one that is slow holds nothing up, and reads from the files. */
  #stream(
    after: number | undefined,
    filter: LogFilter,
    follows: boolean,
    mayRead: () => boolean,
  ): ReadableStream<Uint8Array> {
    // Whoever comes with the number of another head's log goes on with this one's news.
    let seq = after === undefined ? undefined : Math.min(after, this.#store.lastSeq);
    const encoder = new TextEncoder();
    return new ReadableStream({
      pull: async (controller) => {
        if (seq !== undefined && seq >= this.#store.lastSeq && follows) await this.#pause();
        if (this.#isClosing || !mayRead()) return controller.close();
        const { lines, cursor } = seq === undefined
          ? await this.#store.after(0, filter, "newest")
          : await this.#store.after(seq, filter, "oldest");
        seq = cursor;
        const text = lines.map((line) => JSON.stringify(line) + "\n").join("");
        controller.enqueue(encoder.encode(`${text}${JSON.stringify({ cursor })}\n`));
        if (!follows && seq >= this.#store.lastSeq) controller.close();
      },
    }, { highWaterMark: 0 });
  }

  /** Until there is a line, the head stops, or a while has passed. */
  async #pause(): Promise<void> {
    const { promise: passed, resolve } = Promise.withResolvers<void>();
    const timer = setTimeout(resolve, CURSOR_MS);
    await Promise.race([this.#store.news, this.#closing.promise, passed]);
    clearTimeout(timer);
  }
}
