import WebSocketClient from "ws";
import { CodedError, errorMessage } from "../../src/base/errors.ts";
import { bearer, type Token } from "./access.ts";
import { CLOSE_CODES } from "./close_codes.ts";
import { encodeFrame } from "./codec.ts";
import { MAX_FRAME_BYTES } from "./limits.ts";
import type { ClientMessage, WorkerMessage } from "./messages.ts";

/** Why a head refused us for good: connecting again would change nothing. */
class ConnectionRefusedError extends Error {
  override readonly name = "ConnectionRefusedError";
  readonly code = "head/refused";
}

/** How a connection is kept. */
export interface ConnectionOptions<In> {
  /** The head's address, for instance `http://127.0.0.1:4567`. */
  readonly headUrl: string;
  readonly endpoint: "worker" | "client";
  readonly token: Token;
  readonly decode: (frame: Uint8Array) => readonly In[];
  /** The hello of each new connection; it says what is still held. */
  readonly hello: () => WorkerMessage | ClientMessage;
  readonly onMessage: (message: In) => void;
  /** After the hello was sent. */
  readonly onOpen?: () => void;
  /** It cannot be made again: refused, or away for longer than `patienceMs`. Called at most once. */
  readonly onLost: (error: Error) => void;
  /** How long the head may be away before we give up. */
  readonly patienceMs: number;
}

const FIRST_DELAY_MS = 50;
const MAX_DELAY_MS = 2_000;
const PING_MS = 2_000;
const SILENCE_LIMIT_MS = 10_000;

/** A WebSocket to the head that is made again with growing delays when it breaks. What is sent while it is broken is
 * dropped: the hello of the next connection says all that matters.
 *
 * It uses the `ws` package and not the built-in client, which delays every frame of 4 to 64 kB by some 40 ms (Nagle's
 * algorithm against delayed acknowledgements). */
export class Connection<In> {
  readonly #options: ConnectionOptions<In>;
  #socket: WebSocketClient | undefined;
  #retryTimer: ReturnType<typeof setTimeout> | undefined;
  #pingTimer: ReturnType<typeof setTimeout> | undefined;
  #delayMs = FIRST_DELAY_MS;
  #brokenSinceMs: number | undefined;
  #lastHeardMs = 0;
  #closed = false;

  constructor(options: ConnectionOptions<In>) {
    this.#options = options;
    this.#connect();
  }

  /** Whether a frame sent now goes out. */
  get isOpen(): boolean {
    return this.#socket?.readyState === WebSocketClient.OPEN;
  }

  send(messages: readonly (WorkerMessage | ClientMessage)[]): void {
    if (this.isOpen) this.#socket?.send(encodeFrame(messages));
  }

  /** Ends the connection for good, once what was sent has gone out. */
  async close(): Promise<void> {
    this.#closed = true;
    clearTimeout(this.#retryTimer);
    clearInterval(this.#pingTimer);
    const socket = this.#socket;
    if (socket === undefined || socket.readyState === WebSocketClient.CLOSED) return;
    const { promise, resolve } = Promise.withResolvers<void>();
    socket.once("close", () => resolve());
    if (socket.readyState === WebSocketClient.OPEN) socket.close(1000);
    else socket.terminate();
    const patience = setTimeout(() => socket.terminate(), 500);
    await promise;
    clearTimeout(patience);
  }

  #connect(): void {
    const { headUrl, endpoint, token } = this.#options;
    const socket = new WebSocketClient(`${headUrl.replace(/^http/, "ws")}/${endpoint}`, {
      headers: { authorization: bearer(token) },
      perMessageDeflate: false,
      maxPayload: MAX_FRAME_BYTES,
      handshakeTimeout: SILENCE_LIMIT_MS,
    });
    this.#socket = socket;
    let failure: Error = new Error("the connection closed");
    socket.on("unexpected-response", (_request: unknown, response: { statusCode: number }) => {
      failure = response.statusCode === 401
        ? new ConnectionRefusedError(`The head at ${headUrl} refused the token`)
        : new Error(`The head at ${headUrl} answered ${response.statusCode}`);
      socket.terminate();
    });
    socket.on("open", () => this.#opened(socket));
    socket.on("message", (data: Uint8Array) => this.#heard(data));
    socket.on("pong", () => this.#lastHeardMs = Date.now());
    socket.on(
      "error",
      (error: Error) => failure = failure instanceof ConnectionRefusedError ? failure : error,
    );
    socket.on("close", (code: number, reason: Uint8Array) => {
      // Replaced: a connection of ours that broke is closed here before the next one is made, so it was somebody else.
      if (code === CLOSE_CODES.malformed || code === CLOSE_CODES.replaced) {
        failure = new ConnectionRefusedError(
          `The head at ${headUrl} said: ${new TextDecoder().decode(reason)}`,
        );
      }
      this.#broke(failure);
    });
  }

  #opened(socket: WebSocketClient): void {
    this.#brokenSinceMs = undefined;
    this.#delayMs = FIRST_DELAY_MS;
    this.#lastHeardMs = Date.now();
    socket.send(encodeFrame([this.#options.hello()]));
    this.#options.onOpen?.();
    this.#pingTimer = setInterval(() => {
      if (Date.now() - this.#lastHeardMs > SILENCE_LIMIT_MS) socket.terminate();
      else if (socket.readyState === WebSocketClient.OPEN) socket.ping();
    }, PING_MS);
  }

  #heard(data: Uint8Array): void {
    this.#lastHeardMs = Date.now();
    try {
      for (const message of this.#options.decode(new Uint8Array(data))) {
        this.#options.onMessage(message);
      }
    } catch (error) {
      this.#lose(error instanceof Error ? error : new Error(errorMessage(error)));
    }
  }

  #broke(failure: Error): void {
    clearInterval(this.#pingTimer);
    if (this.#closed) return;
    const nowMs = Date.now();
    this.#brokenSinceMs ??= nowMs;
    if (failure instanceof ConnectionRefusedError) return this.#lose(failure);
    if (nowMs - this.#brokenSinceMs > this.#options.patienceMs) {
      const seconds = Math.round(this.#options.patienceMs / 1000);
      return this.#lose(
        new CodedError(
          "head/unreachable",
          `The head at ${this.#options.headUrl} was away for ${seconds} s: ${failure.message}`,
        ),
      );
    }
    this.#retryTimer = setTimeout(() => this.#connect(), this.#delayMs);
    this.#delayMs = Math.min(MAX_DELAY_MS, this.#delayMs * 2);
  }

  #lose(error: Error): void {
    if (this.#closed) return;
    this.#closed = true;
    clearInterval(this.#pingTimer);
    this.#socket?.terminate();
    this.#options.onLost(error);
  }
}
