import { refusal } from "../protocol/refusal.ts";
import type { Clock } from "../../src/base/clock.ts";
import { isAuthorized, newToken } from "../protocol/access.ts";
import { CLOSE_CODES } from "../protocol/close_codes.ts";
import type { HeadOptions } from "./head.ts";
import type { NoticeSubject } from "./notice.ts";

/** The token before the last rotation, as long as it opens the door. */
export interface PreviousToken {
  readonly token: string;
  /** Milliseconds since the Unix epoch. */
  readonly validUntilMs: number;
}

/** What the desk needs of its head. */
interface TokenDeskParts {
  readonly token: string;
  readonly files: HeadOptions["tokenFiles"];
  readonly clock: Clock;
  /** Tells the workers that are connected. */
  readonly tellWorkers: (token: string) => void;
  /** Closes what browsers hold open: their sessions were signed with the token before. */
  readonly endSessions: () => void;
  readonly notice: (text: string, subject: NoticeSubject) => void;
}

/** How long the old token is valid when the request does not say. */
const DEFAULT_GRACE_MS = 600_000;
/** A week: whoever does not come by in it is not waited for. */
const MAX_GRACE_MS = 7 * 86_400_000;

/** Who may come in, and `POST /token?grace=MS`, which makes a new token. With a grace the old one is valid so long and
 * workers are told the new one over their connections; without any, as after a leak, the old one is worth nothing at
 * once, connections that were made with it are closed, and nobody is told: the new one is in the files alone. */
export class TokenDesk implements Disposable {
  readonly #parts: TokenDeskParts;
  /** Open connections, by the token that each came with. */
  readonly #sockets = new Map<WebSocket, string>();
  #current: string;
  #previous: PreviousToken | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(parts: TokenDeskParts) {
    this.#parts = parts;
    this.#current = parts.token;
    this.#previous = parts.files?.previous;
    if (this.#previous !== undefined) this.#expireLater(this.#previous);
  }

  /** The token that is valid from now on. */
  get current(): string {
    return this.#current;
  }

  /** The valid token that a request carries; undefined when it carries none. */
  keyOf(request: Request): string | undefined {
    if (isAuthorized(request, this.#current)) return this.#current;
    const previous = this.#previous;
    if (previous === undefined || this.#parts.clock.nowMs() >= previous.validUntilMs) return;
    return isAuthorized(request, previous.token) ? previous.token : undefined;
  }

  /** What a worker has to be told that came with a token. */
  newsFor(key: string): string | undefined {
    return key === this.#current ? undefined : this.#current;
  }

  /** Closes a connection when the token that it came with is worth nothing any more. */
  watch(socket: WebSocket, key: string): void {
    this.#sockets.set(socket, key);
    socket.addEventListener("close", () => this.#sockets.delete(socket));
  }

  /** Answers `POST /token`.
   * @param key the token that the request carries: only the newest may make a newer one */
  answer(request: Request, key: string): Response {
    if (request.method !== "POST") return refusal(405, `Cannot ${request.method} /token`);
    if (key !== this.#current) return refusal(403, "The token before cannot rotate the token");
    const text = new URL(request.url).searchParams.get("grace");
    const graceMs = text === null ? DEFAULT_GRACE_MS : Number(text);
    if (!(graceMs >= 0 && graceMs <= MAX_GRACE_MS) || text === "") {
      return refusal(400, `Cannot use the grace ${JSON.stringify(text)}: it is 0 to a week, in ms`);
    }
    const { files } = this.#parts;
    if (files === undefined) {
      return refusal(409, "Cannot rotate the token: this head keeps it in no file");
    }
    return this.#rotate(files, graceMs);
  }

  /** Waits for nothing more. */
  [Symbol.dispose](): void {
    clearTimeout(this.#timer);
  }

  #rotate(files: NonNullable<HeadOptions["tokenFiles"]>, graceMs: number): Response {
    const { clock, endSessions, notice, tellWorkers } = this.#parts;
    clearTimeout(this.#timer);
    const token = newToken();
    const previous = graceMs === 0
      ? undefined
      : { token: this.#current, validUntilMs: clock.nowMs() + graceMs };
    files.keep(token, previous);
    this.#current = token;
    this.#previous = previous;
    if (previous !== undefined) {
      tellWorkers(token);
      this.#expireLater(previous);
    }
    endSessions();
    this.#closeExpired();
    const seconds = Math.ceil(graceMs / 1_000);
    notice(
      graceMs === 0
        ? "The token was replaced; the old one is worth nothing any more"
        : `The token was rotated; the old one is valid for ${seconds} s more`,
      { level: "info", event: "token_rotated" },
    );
    return Response.json({ token, validUntilMs: previous?.validUntilMs ?? clock.nowMs() });
  }

  #expireLater(previous: PreviousToken): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => {
      this.#previous = undefined;
      this.#parts.files?.keep(this.#current, undefined);
      this.#closeExpired();
    }, Math.max(0, previous.validUntilMs - this.#parts.clock.nowMs()));
  }

  /** Those who came with a token that opens no more doors; who has a newer one comes back at once. */
  #closeExpired(): void {
    for (const [socket, key] of this.#sockets) {
      if (key === this.#current || key === this.#previous?.token) continue;
      socket.close(CLOSE_CODES.expired, "the token of this connection was replaced");
    }
  }
}
