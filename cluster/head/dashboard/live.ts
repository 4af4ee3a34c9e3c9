import { errorMessage } from "../../../src/base/errors.ts";
import type { LiveNews, LiveRequest } from "./live_messages.ts";
import { patchBetween, type Plain } from "./merge_patch.ts";
import { RequestError } from "./request_error.ts";
import { findView } from "./routes.ts";
import type { ViewSource } from "./view_source.ts";

const MAX_SOCKETS = 64;
const MAX_TARGETS = 32;
const MAX_REQUEST_LENGTH = 4_096;
/** A page that does not read is cut off. */
const MAX_BUFFERED_BYTES = 16 * 1024 * 1024;
/** A view that takes 5 ms is looked at every 100 ms at most: all that look take a twentieth of the time. */
const REST_PER_WORK = 20;

/** A document that somebody watches. */
interface Topic {
  readonly watchers: Set<WebSocket>;
  news: LiveNews | undefined;
  timer: ReturnType<typeof setTimeout> | undefined;
}

/** Keeps browsers up to date: each document that is watched is looked at once for all who watch it, and what changed is
 * sent as a merge patch. What nobody watches costs nothing. */
export class LiveViews implements Disposable {
  readonly #source: ViewSource;
  readonly #topics = new Map<string, Topic>();
  readonly #sockets = new Set<WebSocket>();
  #isClosed = false;

  constructor(source: ViewSource) {
    this.#source = source;
  }

  /** Takes a fresh connection.
   * @param expiresAtMs when its session ends */
  serve(socket: WebSocket, expiresAtMs: number): void {
    if (this.#isClosed || this.#sockets.size >= MAX_SOCKETS) {
      socket.onopen = () => socket.close(1013, "too many pages are open");
      return;
    }
    this.#sockets.add(socket);
    const leftMs = expiresAtMs - Date.now();
    const expiry = leftMs === Infinity
      ? undefined
      : setTimeout(() => socket.close(4001, "the session ended"), leftMs);
    socket.onmessage = ({ data }) => {
      try {
        this.#hear(socket, parseRequest(data));
      } catch (error) {
        socket.close(1008, errorMessage(error).slice(0, 100));
      }
    };
    socket.onclose = () => {
      clearTimeout(expiry);
      this.#sockets.delete(socket);
      for (const target of [...this.#topics.keys()]) this.#leave(socket, target);
    };
    socket.onerror = () => {};
  }

  /** Ends the connections of today; others may come. */
  endSessions(): void {
    for (const socket of this.#sockets) socket.close(4001, "the session ended");
  }

  /** Ends all connections. */
  [Symbol.dispose](): void {
    this.#isClosed = true;
    for (const { timer } of this.#topics.values()) clearTimeout(timer);
    for (const socket of this.#sockets) closeQuietly(socket);
  }

  #hear(socket: WebSocket, request: LiveRequest): void {
    if ("leave" in request) return this.#leave(socket, request.leave);
    const watched = [...this.#topics.values()].filter(({ watchers }) => watchers.has(socket));
    if (watched.length >= MAX_TARGETS) throw new RequestError(429, "too many documents");
    const known = this.#topics.get(request.watch);
    const topic = known ?? { watchers: new Set(), news: undefined, timer: undefined };
    topic.watchers.add(socket);
    if (known === undefined) {
      this.#topics.set(request.watch, topic);
      this.#look(request.watch, topic);
    } else if (topic.news !== undefined) send(socket, topic.news);
  }

  #leave(socket: WebSocket, target: string): void {
    const topic = this.#topics.get(target);
    if (!topic?.watchers.delete(socket) || topic.watchers.size > 0) return;
    clearTimeout(topic.timer);
    this.#topics.delete(target);
  }

  async #look(target: string, topic: Topic): Promise<void> {
    const startMs = performance.now();
    const { news, everyMs } = await this.#newsOf(target);
    // It may have been left, and even watched again, meanwhile.
    if (this.#topics.get(target) !== topic) return;
    this.#tell(topic, news);
    const restMs = Math.max(everyMs, (performance.now() - startMs) * REST_PER_WORK);
    topic.timer = setTimeout(() => this.#look(target, topic), restMs);
  }

  #tell(topic: Topic, news: LiveNews): void {
    const { news: last, watchers } = topic;
    topic.news = news;
    if (last === undefined || !("value" in last) || !("value" in news)) {
      const isRepeated = last !== undefined && JSON.stringify(last) === JSON.stringify(news);
      if (!isRepeated) { for (const socket of watchers) send(socket, news); }
      return;
    }
    const patch = patchBetween(last.value, news.value);
    if (patch === undefined) return;
    for (const socket of watchers) send(socket, { target: news.target, patch });
  }

  async #newsOf(target: string): Promise<{ readonly news: LiveNews; readonly everyMs: number }> {
    let everyMs = 1_000;
    try {
      const found = findView(target);
      if (found === undefined) throw new RequestError(404, `Nothing is at ${target}`);
      everyMs = found.route.everyMs;
      const value = await found.route.view(this.#source, found.wanted);
      if (value === undefined) throw new RequestError(404, `Nothing is at ${target}`);
      return { news: { target, value: plainOf(value) }, everyMs };
    } catch (error) {
      const status = error instanceof RequestError ? error.status : 500;
      return { news: { target, error: { status, message: errorMessage(error) } }, everyMs };
    }
  }
}

/** As JSON has it: without what is undefined. */
function plainOf(value: unknown): Plain {
  return JSON.parse(JSON.stringify(value));
}

function parseRequest(data: unknown): LiveRequest {
  if (typeof data !== "string" || data.length > MAX_REQUEST_LENGTH) {
    throw new RequestError(400, "a request is a short text");
  }
  const request = JSON.parse(data) as { watch?: unknown; leave?: unknown } | null;
  if (typeof request?.watch === "string") return { watch: request.watch };
  if (typeof request?.leave === "string") return { leave: request.leave };
  throw new RequestError(400, "a request names what to watch or to leave");
}

function send(socket: WebSocket, news: LiveNews): void {
  if (socket.readyState !== WebSocket.OPEN) return;
  if (socket.bufferedAmount > MAX_BUFFERED_BYTES) return closeQuietly(socket);
  socket.send(JSON.stringify(news));
}

function closeQuietly(socket: WebSocket): void {
  if (socket.readyState <= WebSocket.OPEN) socket.close(1001, "the head stops");
}
