import { refusal } from "../../protocol/refusal.ts";
import { errorMessage } from "../../../src/base/errors.ts";
import type { SchedulerEvent } from "../../scheduler/types.ts";
import type { NoticeSubject } from "../notice.ts";
import { act } from "./actions.ts";
import { Assets, RUN_FILE_HEADERS } from "./assets.ts";
import { LiveViews } from "./live.ts";
import { RequestError } from "./request_error.ts";
import { findView, matchPath } from "./routes.ts";
import { isOwnOrigin, Sessions, type Visitor } from "./session.ts";
import { type ViewParts, ViewSource } from "./view_source.ts";

/** What a dashboard needs of its head. */
export interface DashboardParts extends ViewParts {
  /** The cluster's, as it is now. */
  readonly token: () => string;
  readonly post: (event: SchedulerEvent) => void;
  /** Answers `POST /drain`. */
  readonly drain: (request: Request) => Response;
  /** Answers `GET /logs`. */
  readonly logs: (request: Request, mayRead: () => boolean) => Promise<Response>;
  readonly notice: (text: string, subject: NoticeSubject) => void;
  /** A request came without token or session. */
  readonly onStranger: (request: Request) => void;
}

const MAX_LOGIN_BYTES = 4_096;

/** The dashboard of a head: its page, and the HTTP API and the WebSocket that the page lives on. */
export class Dashboard implements Disposable {
  readonly #parts: DashboardParts;
  readonly #assets = new Assets();
  readonly #sessions: Sessions;
  readonly #source: ViewSource;
  readonly #live: LiveViews;

  constructor(parts: DashboardParts) {
    this.#parts = parts;
    this.#sessions = new Sessions(parts.token, parts.options.isReadOnly === true);
    this.#source = new ViewSource(parts);
    this.#live = new LiveViews(this.#source);
  }

  /** Ends all connections, and measures no more. */
  [Symbol.dispose](): void {
    this.#live[Symbol.dispose]();
    this.#source[Symbol.dispose]();
  }

  /** Ends what pages watch: their sessions are over. */
  endSessions(): void {
    this.#live.endSessions();
  }

  /** Answers a request below `/`, `/dashboard` and `/api`, whoever sent it. */
  async answer(request: Request): Promise<Response> {
    const url = new URL(request.url);
    try {
      if (url.pathname.startsWith("/api/")) return await this.#api(request, url);
      if (request.method !== "GET" && request.method !== "HEAD") {
        throw new RequestError(405, `Cannot ${request.method} ${url.pathname}`);
      }
      if (url.pathname === "/" || url.pathname === "/dashboard/") {
        return new Response(null, { status: 302, headers: { location: "/dashboard" } });
      }
      const asset = await this.#assets.answer(request, url.pathname);
      if (asset === undefined) throw new RequestError(404, `Nothing is at ${url.pathname}`);
      return asset;
    } catch (error) {
      const status = error instanceof RequestError ? error.status : 500;
      return secured(refusal(status, errorMessage(error)));
    }
  }

  async #api(request: Request, url: URL): Promise<Response> {
    if (url.pathname === "/api/v1/session") return secured(await this.#session(request));
    const visitor = this.#sessions.visitorOf(request, Date.now());
    if (visitor === undefined) {
      this.#parts.onStranger(request);
      throw new RequestError(401, "Neither a token nor a session");
    }
    if (url.pathname === "/api/v1/live") return this.#serveLive(request, visitor);
    if (request.method === "GET") return secured(await this.#get(request, url));
    if (request.method !== "POST") throw new RequestError(405, `Cannot ${request.method} here`);
    const refusal = this.#sessions.refuseAction(request, visitor);
    if (refusal !== undefined) throw new RequestError(403, refusal);
    const { runs, deployments } = this.#parts.options;
    const done = await act({ ...this.#parts, runs, deployments }, url);
    if (done === undefined) throw new RequestError(404, `Nothing can be done at ${url.pathname}`);
    return secured(done);
  }

  async #get(request: Request, url: URL): Promise<Response> {
    if (url.pathname === "/api/v1/logs") {
      const mayRead = () => this.#sessions.visitorOf(request, Date.now()) !== undefined;
      return await this.#parts.logs(request, mayRead);
    }
    if (url.pathname === "/api/v1/openapi.json") {
      const { openApiDocument } = await import("./openapi.ts");
      return Response.json(openApiDocument());
    }
    const file = matchPath("/api/v1/runs/{runId}/files/{key}", url.pathname);
    if (file !== undefined) return await this.#file(file.runId, file.key);
    const found = findView(`${url.pathname}${url.search}`);
    const document = await found?.route.view(this.#source, found.wanted);
    if (document === undefined) throw new RequestError(404, `Nothing is at ${url.pathname}`);
    return Response.json(document);
  }

  async #file(runId: string, key: string): Promise<Response> {
    const file = await this.#parts.options.runs?.openFile(runId, key);
    if (file === undefined) throw new RequestError(404, `Run ${runId} has no file ${key}`);
    const { body, contentType, sizeBytes } = file;
    const headers = {
      ...RUN_FILE_HEADERS,
      "content-type": contentType,
      "content-length": String(sizeBytes),
    };
    return new Response(body, { headers });
  }

  async #session(request: Request): Promise<Response> {
    const nowMs = Date.now();
    if (request.method === "GET") {
      const visitor = this.#sessions.visitorOf(request, nowMs);
      return Response.json({
        isLoggedIn: visitor !== undefined,
        mayAct: visitor?.mayAct ?? false,
        csrf: visitor?.csrf ?? "",
      });
    }
    if (!isOwnOrigin(request)) throw new RequestError(403, "It comes from another site");
    const headers = (cookie: string) => ({ headers: { "set-cookie": cookie } });
    if (request.method === "DELETE") {
      return Response.json({}, headers(this.#sessions.logOut(request)));
    }
    if (request.method !== "POST") throw new RequestError(405, `Cannot ${request.method} here`);
    const { token, view } = await readLogin(request);
    const cookie = this.#sessions.logIn(request, token, view, nowMs);
    if (cookie === undefined) {
      this.#parts.onStranger(request);
      throw new RequestError(401, "This is not the cluster's token");
    }
    return Response.json({}, headers(cookie));
  }

  #serveLive(request: Request, visitor: Visitor): Response {
    if (request.headers.get("upgrade")?.toLowerCase() !== "websocket") {
      throw new RequestError(426, "/api/v1/live is a WebSocket endpoint");
    }
    if (visitor.by === "session" && !isOwnOrigin(request)) {
      throw new RequestError(403, "It comes from another site");
    }
    const { socket, response } = Deno.upgradeWebSocket(request);
    this.#live.serve(socket, visitor.expiresAtMs);
    return response;
  }
}

/** Nothing of the API is for other sites, or for a cache. */
function secured(response: Response): Response {
  for (
    const [name, value] of [
      ["x-content-type-options", "nosniff"],
      ["cross-origin-resource-policy", "same-origin"],
      ["cache-control", "no-store"],
    ]
  ) response.headers.set(name, value);
  return response;
}

async function readLogin(
  request: Request,
): Promise<{ readonly token: string; readonly view: boolean }> {
  // A form of another site cannot send this type.
  if (!request.headers.get("content-type")?.startsWith("application/json")) {
    throw new RequestError(400, "A login is JSON: {token, view}");
  }
  if (Number(request.headers.get("content-length") ?? Infinity) > MAX_LOGIN_BYTES) {
    throw new RequestError(413, `A login has at most ${MAX_LOGIN_BYTES} bytes`);
  }
  const login = await request.json().catch(() => undefined) as
    | { token?: unknown; view?: unknown }
    | undefined
    | null;
  if (typeof login?.token !== "string") throw new RequestError(400, "A login names a token");
  return { token: login.token.trim(), view: login.view === true };
}
