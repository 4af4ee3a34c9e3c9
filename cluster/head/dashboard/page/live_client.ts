import type { LiveNews, LiveRequest } from "../live_messages.ts";
import { applyPatch, type Plain } from "../merge_patch.ts";

/** How a document is known. */
export type LiveState<T> =
  | { readonly type: "loading" }
  | { readonly type: "known"; readonly value: T }
  | { readonly type: "missing"; readonly message: string };

/** Whether the head is heard. */
export type LinkState = "connecting" | "connected" | "lost";

interface Watched {
  state: LiveState<Plain>;
  readonly listeners: Set<(state: LiveState<Plain>) => void>;
  leaveTimer: ReturnType<typeof setTimeout> | undefined;
}

const FIRST_DELAY_MS = 250;
const MAX_DELAY_MS = 4_000;
/** A document that nobody shows is watched a little longer: going back to it shows it at once. */
const LINGER_MS = 2_000;
/** The head's code for a session that ended. */
const SESSION_ENDED = 4001;

/** Keeps the documents that are shown up to date over one WebSocket, which is made again whenever it is lost; what was
 * known stays on the page meanwhile. */
export class LiveClient {
  readonly #url: string;
  readonly #onLink: (state: LinkState) => void;
  readonly #onLoggedOut: () => void;
  readonly #watched = new Map<string, Watched>();
  #socket: WebSocket | undefined;
  #delayMs = FIRST_DELAY_MS;
  #isClosed = false;

  constructor(
    url: string,
    parts: { readonly onLink: (state: LinkState) => void; readonly onLoggedOut: () => void },
  ) {
    this.#url = url;
    this.#onLink = parts.onLink;
    this.#onLoggedOut = parts.onLoggedOut;
    this.#connect();
  }

  /** What is known of a document now. */
  peek(target: string): LiveState<Plain> {
    return this.#watched.get(target)?.state ?? { type: "loading" };
  }

  /** Tells of a document now and whenever it changes.
   * @returns what ends that */
  watch(target: string, listener: (state: LiveState<Plain>) => void): () => void {
    let watched = this.#watched.get(target);
    if (watched === undefined) {
      watched = { state: { type: "loading" }, listeners: new Set(), leaveTimer: undefined };
      this.#watched.set(target, watched);
      this.#send({ watch: target });
    }
    clearTimeout(watched.leaveTimer);
    watched.listeners.add(listener);
    listener(watched.state);
    return () => this.#unwatch(target, listener);
  }

  /** Ends the connection for good. */
  close(): void {
    this.#isClosed = true;
    this.#socket?.close();
  }

  #unwatch(target: string, listener: (state: LiveState<Plain>) => void): void {
    const watched = this.#watched.get(target);
    if (watched === undefined) return;
    watched.listeners.delete(listener);
    if (watched.listeners.size > 0) return;
    clearTimeout(watched.leaveTimer);
    watched.leaveTimer = setTimeout(() => {
      this.#watched.delete(target);
      this.#send({ leave: target });
    }, LINGER_MS);
  }

  #connect(): void {
    this.#onLink("connecting");
    const socket = new WebSocket(this.#url);
    this.#socket = socket;
    socket.onopen = () => {
      this.#delayMs = FIRST_DELAY_MS;
      this.#onLink("connected");
      for (const target of this.#watched.keys()) this.#send({ watch: target });
    };
    socket.onmessage = ({ data }) => this.#hear(JSON.parse(data) as LiveNews);
    socket.onclose = ({ code }) => {
      if (this.#isClosed) return;
      if (code === SESSION_ENDED) return this.#onLoggedOut();
      this.#onLink("lost");
      setTimeout(() => this.#reconnect(), this.#delayMs);
      this.#delayMs = Math.min(2 * this.#delayMs, MAX_DELAY_MS);
    };
  }

  /** A refused WebSocket does not say why: a plain request does, and a head that is away costs no error in the console of
   * a page that waits for it. */
  async #reconnect(): Promise<void> {
    if (this.#isClosed) return;
    const answer = await fetch("/api/v1/session").catch(() => undefined);
    if (this.#isClosed) return;
    if (answer?.ok) {
      const { isLoggedIn } = await answer.json();
      if (!isLoggedIn) return this.#onLoggedOut();
      return this.#connect();
    }
    setTimeout(() => this.#reconnect(), this.#delayMs);
    this.#delayMs = Math.min(2 * this.#delayMs, MAX_DELAY_MS);
  }

  #hear(news: LiveNews): void {
    const watched = this.#watched.get(news.target);
    if (watched === undefined) return;
    if ("error" in news) watched.state = { type: "missing", message: news.error.message };
    else if ("value" in news) watched.state = { type: "known", value: news.value };
    else if (watched.state.type === "known") {
      const value = applyPatch(watched.state.value, news.patch);
      watched.state = { type: "known", value };
    }
    for (const listener of watched.listeners) listener(watched.state);
  }

  #send(request: LiveRequest): void {
    if (this.#socket?.readyState === WebSocket.OPEN) this.#socket.send(JSON.stringify(request));
  }
}
