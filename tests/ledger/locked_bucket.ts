/** A version of an object. */
interface Version {
  readonly key: string;
  readonly versionId: string;
  readonly body: string;
  readonly lockMode: string | null;
  readonly retainUntil: string | null;
}

/** How many versions a listing has at most: few, so that tests see several pages. */
const PAGE = 2;

/** A bucket as S3 has it with versions and Object Lock, as far as heads of ledgers need it: conditional puts with a
 * checksum, reads of a version, listings of versions by pages. What the real SDK sends is checked as S3 checks it. */
export class LockedBucket implements AsyncDisposable {
  readonly versions: Version[] = [];
  readonly endpoint: string;
  /** What puts without conditions are told, when set. */
  refusal: string | undefined;
  readonly #server: Deno.HttpServer<Deno.NetAddr>;

  constructor(readonly name: string) {
    this.#server = Deno.serve(
      { port: 0, hostname: "127.0.0.1", onListen: () => {} },
      (request) => this.#answer(request),
    );
    this.endpoint = `http://127.0.0.1:${this.#server.addr.port}`;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#server.shutdown();
  }

  async #answer(request: Request): Promise<Response> {
    const { pathname, searchParams } = new URL(request.url);
    const [, bucket, ...parts] = decodeURIComponent(pathname).split("/");
    if (bucket !== this.name) return failure(404, "NoSuchBucket");
    const key = parts.join("/");
    if (request.method === "PUT") return await this.#put(key, request);
    if (searchParams.has("versions")) return this.#list(searchParams);
    const found = this.versions.find((version) =>
      version.key === key && version.versionId === searchParams.get("versionId")
    );
    return found === undefined ? failure(404, "NoSuchVersion") : new Response(found.body);
  }

  async #put(key: string, { headers, body }: Request): Promise<Response> {
    const text = await new Response(body).text();
    if (this.refusal !== undefined) return failure(400, "InvalidRequest", this.refusal);
    const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text));
    // Puts with a lock need a checksum.
    if (headers.get("x-amz-checksum-sha256") !== new Uint8Array(digest).toBase64()) {
      return failure(400, "BadDigest");
    }
    if (headers.get("if-none-match") === "*" && this.versions.some((one) => one.key === key)) {
      return failure(412, "PreconditionFailed");
    }
    this.versions.push({
      key,
      versionId: `v${this.versions.length}`,
      body: text,
      lockMode: headers.get("x-amz-object-lock-mode"),
      retainUntil: headers.get("x-amz-object-lock-retain-until-date"),
    });
    return new Response(null, { headers: { etag: '"e"' } });
  }

  #list(parameters: URLSearchParams): Response {
    const prefix = parameters.get("prefix") ?? "";
    const marker = parameters.get("version-id-marker");
    const all = this.versions.filter(({ key }) => key.startsWith(prefix));
    const from = marker === null ? 0 : all.findIndex(({ versionId }) => versionId === marker) + 1;
    const page = all.slice(from, from + PAGE);
    const isTruncated = from + PAGE < all.length;
    const last = page.at(-1);
    const next = isTruncated && last !== undefined
      ? `<NextKeyMarker>${last.key}</NextKeyMarker><NextVersionIdMarker>${last.versionId}</NextVersionIdMarker>`
      : "";
    const items = page.map(({ key, versionId }) =>
      `<Version><Key>${key}</Key><VersionId>${versionId}</VersionId></Version>`
    );
    return xml(
      200,
      `<ListVersionsResult><IsTruncated>${isTruncated}</IsTruncated>${next}${
        items.join("")
      }</ListVersionsResult>`,
    );
  }
}

function failure(status: number, code: string, message = code): Response {
  return xml(status, `<Error><Code>${code}</Code><Message>${message}</Message></Error>`);
}

function xml(status: number, text: string): Response {
  return new Response(`<?xml version="1.0" encoding="UTF-8"?>\n${text}`, {
    status,
    headers: { "content-type": "application/xml" },
  });
}
