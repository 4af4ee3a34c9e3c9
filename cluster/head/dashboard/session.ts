import { createHmac, randomBytes, timingSafeEqual } from "node:crypto";
import { isAuthorized } from "../../protocol/access.ts";

/** Who asks, and what they may do. */
export interface Visitor {
  /** `token`: a program with the cluster's token · `session`: a browser that logged in. */
  readonly by: "token" | "session";
  readonly mayAct: boolean;
  /** What a browser has to send along with whatever changes something; empty for programs. */
  readonly csrf: string;
  /** When the session ends, in milliseconds since the Unix epoch; Infinity for programs. */
  readonly expiresAtMs: number;
}

const SESSION_MS = 12 * 3_600_000;
/** The header that carries the proof that a request comes from the dashboard's own page. */
const CSRF_HEADER = "x-csrf-token";

type Mode = "full" | "view";

/** Sessions of browsers. A session is a signed cookie and nothing in memory, so it outlives a restart of the head; its key
 * is the cluster's token, so a new token ends all sessions. */
export class Sessions {
  readonly #source: () => string;
  readonly #isReadOnly: boolean;

  /** @param token the cluster's, as it is now
   * @param isReadOnly nobody may change anything */
  constructor(token: () => string, isReadOnly: boolean) {
    this.#source = token;
    this.#isReadOnly = isReadOnly;
  }

  get #token(): string {
    return this.#source();
  }

  /** The cookie of a new session for whoever has the cluster's token (or, to look only, the viewer's); undefined for
   * anybody else.
   * @param wantsView only to look, although the token allows more */
  logIn(request: Request, token: string, wantsView: boolean, nowMs: number): string | undefined {
    const isFull = isSame(token, this.#token);
    if (!isFull && !isSame(token, viewerToken(this.#token))) return undefined;
    const mode: Mode = isFull && !wantsView ? "full" : "view";
    const body = `${mode}.${Math.floor(nowMs + SESSION_MS)}.${
      randomBytes(12).toString("base64url")
    }`;
    return cookieText(request, `${body}.${this.#sign(`session ${body}`)}`, SESSION_MS / 1e3);
  }

  /** The cookie that ends a session. */
  logOut(request: Request): string {
    return cookieText(request, "", 0);
  }

  /** Who sent a request; undefined for strangers. */
  visitorOf(request: Request, nowMs: number): Visitor | undefined {
    if (request.headers.has("authorization")) {
      const isFull = isAuthorized(request, this.#token);
      if (!isFull && !isAuthorized(request, viewerToken(this.#token))) return undefined;
      const mayAct = isFull && !this.#isReadOnly;
      return { by: "token", mayAct, csrf: "", expiresAtMs: Infinity };
    }
    const cookie = readCookie(request);
    const [mode, expires, nonce, signature] = cookie.split(".");
    if (signature === undefined) return undefined;
    if (!isSame(signature, this.#sign(`session ${mode}.${expires}.${nonce}`))) return undefined;
    const expiresAtMs = Number(expires);
    if (!(expiresAtMs > nowMs)) return undefined;
    const mayAct = mode === "full" && !this.#isReadOnly;
    return { by: "session", mayAct, csrf: this.#sign(`csrf ${cookie}`), expiresAtMs };
  }

  /** Whether a request may change something; else why not. */
  refuseAction(request: Request, visitor: Visitor): string | undefined {
    if (!visitor.mayAct) return "It is read-only here";
    if (visitor.by === "token") return undefined;
    if (!isOwnOrigin(request)) return "It comes from another site";
    return isSame(request.headers.get(CSRF_HEADER) ?? "", visitor.csrf)
      ? undefined
      : `The header ${CSRF_HEADER} is missing or wrong`;
  }

  #sign(text: string): string {
    return createHmac("sha256", this.#token).update(text).digest("base64url");
  }
}

/** What lets people look at a cluster and change nothing: derived from its token, from which it cannot be told. */
export function viewerToken(token: string): string {
  return createHmac("sha256", token).update("viewer").digest("base64url");
}

/** Whether a request of a browser comes from a page of this very server; programs name no origin. */
export function isOwnOrigin(request: Request): boolean {
  const origin = request.headers.get("origin");
  if (origin === null) return true;
  return URL.parse(origin)?.host === hostOf(request);
}

function hostOf(request: Request): string {
  return request.headers.get("host") ?? new URL(request.url).host;
}

/** Cookies do not tell ports apart: each head of a machine has one of its own name. */
function cookieName(request: Request): string {
  return `tradewind-${hostOf(request).split(":").at(-1)?.replaceAll(/[^0-9a-z]/gi, "")}`;
}

function cookieText(request: Request, value: string, maxAgeSeconds: number): string {
  const secure = request.headers.get("x-forwarded-proto") === "https" ? "; Secure" : "";
  return `${
    cookieName(request)
  }=${value}; Path=/; HttpOnly; SameSite=Strict; Max-Age=${maxAgeSeconds}${secure}`;
}

function readCookie(request: Request): string {
  const name = `${cookieName(request)}=`;
  const pairs = (request.headers.get("cookie") ?? "").split("; ");
  return pairs.find((pair) => pair.startsWith(name))?.slice(name.length) ?? "";
}

function isSame(a: string, b: string): boolean {
  const digest = (text: string) => createHmac("sha256", "compare").update(text).digest();
  return timingSafeEqual(digest(a), digest(b));
}
