import { isObjectId } from "../objects/object_id.ts";
import { findObject } from "../objects/object_folders.ts";
import type { ObjectStore } from "../objects/object_store.ts";
import { serveFile } from "../objects/serve_file.ts";
import { refusal } from "../protocol/refusal.ts";
import { isAuthorized, type Token } from "../protocol/access.ts";

/** The door at which other nodes fetch this node's objects: `GET` and `HEAD /objects/ID`, and `POST /objects/ID` from one
 * that got other bytes than it should. */
export class ObjectServer implements AsyncDisposable {
  /** Where other nodes reach it. */
  readonly url: string;
  readonly #server: Deno.HttpServer<Deno.NetAddr>;
  readonly #store: ObjectStore;
  readonly #token: Token;
  readonly #onBroken: (objectId: string) => void;

  /** @param parts `onBroken` is told of a file that is not what it was any more; it is removed by then */
  constructor(parts: {
    readonly hostname: string;
    readonly token: Token;
    readonly store: ObjectStore;
    readonly onBroken: (objectId: string) => void;
  }) {
    this.#store = parts.store;
    this.#token = parts.token;
    this.#onBroken = parts.onBroken;
    this.#server = Deno.serve(
      { hostname: parts.hostname, port: 0, onListen: () => {} },
      (request) => this.#answer(request),
    );
    this.url = `http://${parts.hostname}:${this.#server.addr.port}`;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#server.shutdown();
  }

  async #answer(request: Request): Promise<Response> {
    if (!isAuthorized(request, this.#token)) {
      return refusal(401, "The cluster's token is missing or wrong");
    }
    const { pathname } = new URL(request.url);
    const objectId = /^\/objects\/([^/]+)$/.exec(pathname)?.[1] ?? "";
    if (!isObjectId(objectId)) return refusal(404, `Nothing is at ${pathname}`);
    const missing = () => refusal(404, `No object ${objectId} here`);
    if (!this.#store.has(objectId)) return missing();
    switch (request.method) {
      case "GET":
      case "HEAD": {
        const found = findObject(this.#store.folders, objectId);
        return found === undefined ? missing() : serveFile(request, found);
      }
      case "POST": {
        const isWhole = await this.#store.verify(objectId);
        if (!isWhole) this.#onBroken(objectId);
        return Response.json({ isWhole });
      }
      default:
        return refusal(405, `Cannot ${request.method} an object`);
    }
  }
}
