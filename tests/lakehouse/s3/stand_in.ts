import { createHash } from "node:crypto";

/** What a request is met with instead of an answer: a status with an S3 error code, a connection that breaks before the
 * request has its effect or after it, a body that ends early, damaged bytes, or a wait first. */
export type Fault =
  | { readonly type: "status"; readonly status: number; readonly code: string }
  | { readonly type: "reset"; readonly after: "nothing" | "effect" }
  | { readonly type: "truncate" }
  | { readonly type: "damage" }
  | { readonly type: "slow"; readonly ms: number };

/** A request as a test's rule sees it. */
export interface SeenRequest {
  readonly method: string;
  /** Without the bucket. */
  readonly key: string;
  /** Of the query, for instance `list-type` or `uploadId`. */
  readonly parameters: URLSearchParams;
  readonly range: string | null;
}

interface StoredBlob {
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly etag: string;
  readonly metadata: readonly (readonly [string, string])[];
  readonly modified: Date;
}

interface Upload {
  readonly key: string;
  readonly metadata: readonly (readonly [string, string])[];
  readonly parts: Map<number, Uint8Array<ArrayBuffer>>;
}

/** One bucket, named `lake`, that speaks S3 as the real SDK needs it: conditional puts, ranges, listings by pages,
 * uploads in parts, checksums; and that misbehaves when it is told to. */
export class S3StandIn implements AsyncDisposable {
  readonly bucket = "lake";
  readonly endpoint: string;
  readonly objects = new Map<string, StoredBlob>();
  readonly requests: SeenRequest[] = [];
  /** Bytes of bodies that GETs were answered with. */
  bytesSent = 0;
  /** Says what a request is met with; undefined for an answer as it should be. */
  fault: (request: SeenRequest) => Fault | undefined = () => undefined;
  /** Keys in a page of a listing. */
  pageSize = 1000;
  readonly #uploads = new Map<string, Upload>();
  readonly #server: Deno.HttpServer<Deno.NetAddr>;

  constructor() {
    this.#server = Deno.serve(
      {
        port: 0,
        hostname: "127.0.0.1",
        onListen: () => {},
        onError: () => errorOf(500, "Internal"),
      },
      (request) => this.#answer(request),
    );
    this.endpoint = `http://127.0.0.1:${this.#server.addr.port}`;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#server.shutdown();
  }

  /** Uploads in parts that were neither completed nor aborted. */
  get openUploads(): number {
    return this.#uploads.size;
  }

  async #answer(request: Request): Promise<Response> {
    const { pathname, searchParams } = new URL(request.url);
    const [, bucket, ...parts] = decodeURIComponent(pathname).split("/");
    const seen = {
      method: request.method,
      key: parts.join("/"),
      parameters: searchParams,
      range: request.headers.get("range"),
    };
    this.requests.push(seen);
    const body = new Uint8Array(await request.arrayBuffer());
    const fault = this.fault(seen);
    if (fault?.type === "status") return errorOf(fault.status, fault.code);
    if (fault?.type === "reset" && fault.after === "nothing") return reset();
    if (fault?.type === "slow") await new Promise((resolve) => setTimeout(resolve, fault.ms));
    if (bucket !== this.bucket) return errorOf(404, "NoSuchBucket");
    const answer = this.#perform(seen, request.headers, body);
    if (fault?.type === "reset") return reset();
    if (fault?.type === "truncate") return truncated(answer);
    if (fault?.type === "damage") return await damaged(answer);
    return answer;
  }

  #perform(seen: SeenRequest, headers: Headers, body: Uint8Array<ArrayBuffer>): Response {
    const { method, key, parameters } = seen;
    switch (method) {
      case "PUT":
        return parameters.has("partNumber")
          ? this.#putPart(parameters, headers, body)
          : this.#put(key, headers, body);
      case "POST":
        return parameters.has("delete")
          ? this.#removeMany(new TextDecoder().decode(body))
          : parameters.has("uploads")
          ? this.#begin(key, headers)
          : this.#complete(parameters.get("uploadId") ?? "");
      case "DELETE":
        if (parameters.has("uploadId")) this.#uploads.delete(parameters.get("uploadId") ?? "");
        else this.objects.delete(key);
        return new Response(null, { status: 204 });
      default:
        return key === "" ? this.#list(parameters) : this.#get(method, key, headers);
    }
  }

  #put(key: string, headers: Headers, bytes: Uint8Array<ArrayBuffer>): Response {
    if (!hasItsChecksum(headers, bytes)) return errorOf(400, "BadDigest");
    const current = this.objects.get(key);
    if (headers.get("if-none-match") === "*" && current !== undefined) return preconditionFailed();
    const wanted = headers.get("if-match");
    if (wanted !== null && current === undefined) return errorOf(404, "NoSuchKey");
    if (wanted !== null && wanted !== current?.etag) return preconditionFailed();
    return this.#store(key, bytes, metadataOf(headers));
  }

  #store(key: string, bytes: Uint8Array<ArrayBuffer>, metadata: StoredBlob["metadata"]): Response {
    const etag = `"${createHash("md5").update(bytes).digest("hex")}"`;
    this.objects.set(key, { bytes, etag, metadata, modified: new Date() });
    return new Response(null, { headers: { etag } });
  }

  #begin(key: string, headers: Headers): Response {
    const id = crypto.randomUUID();
    this.#uploads.set(id, { key, metadata: metadataOf(headers), parts: new Map() });
    return xml(
      `<InitiateMultipartUploadResult><UploadId>${id}</UploadId></InitiateMultipartUploadResult>`,
    );
  }

  #putPart(
    parameters: URLSearchParams,
    headers: Headers,
    bytes: Uint8Array<ArrayBuffer>,
  ): Response {
    const upload = this.#uploads.get(parameters.get("uploadId") ?? "");
    if (upload === undefined) return errorOf(404, "NoSuchUpload");
    if (!hasItsChecksum(headers, bytes)) return errorOf(400, "BadDigest");
    upload.parts.set(Number(parameters.get("partNumber")), bytes);
    return new Response(null, { headers: { etag: '"part"' } });
  }

  #complete(id: string): Response {
    const upload = this.#uploads.get(id);
    if (upload === undefined) return errorOf(404, "NoSuchUpload");
    this.#uploads.delete(id);
    const numbers = [...upload.parts.keys()].sort((a, b) => a - b);
    const blob = new Blob(numbers.map((number) => upload.parts.get(number)!));
    const bytes = new Uint8Array(blob.size);
    let at = 0;
    for (const number of numbers) {
      bytes.set(upload.parts.get(number)!, at);
      at += upload.parts.get(number)!.length;
    }
    this.#store(upload.key, bytes, upload.metadata);
    return xml("<CompleteMultipartUploadResult><ETag>e</ETag></CompleteMultipartUploadResult>");
  }

  #removeMany(text: string): Response {
    for (const [, key] of text.matchAll(/<Key>([^<]*)<\/Key>/g)) this.objects.delete(key);
    return xml("<DeleteResult></DeleteResult>");
  }

  #list(parameters: URLSearchParams): Response {
    const prefix = parameters.get("prefix") ?? "";
    const after = parameters.get("continuation-token") ?? "";
    const keys = [...this.objects.keys()].filter((key) => key.startsWith(prefix) && key > after)
      .sort();
    const page = keys.slice(0, this.pageSize);
    const more = keys.length > page.length;
    const items = page.map((key) => {
      const { bytes, modified } = this.objects.get(key)!;
      return `<Contents><Key>${key}</Key><Size>${bytes.length}</Size><LastModified>${modified.toISOString()}</LastModified></Contents>`;
    });
    const next = more ? `<NextContinuationToken>${page.at(-1)}</NextContinuationToken>` : "";
    return xml(
      `<ListBucketResult><IsTruncated>${more}</IsTruncated>${next}${
        items.join("")
      }</ListBucketResult>`,
    );
  }

  #get(method: string, key: string, headers: Headers): Response {
    const found = this.objects.get(key);
    if (found === undefined) return errorOf(404, "NoSuchKey");
    const wanted = headers.get("if-match");
    if (wanted !== null && wanted !== found.etag) return preconditionFailed();
    const { bytes, etag, metadata, modified } = found;
    const out = new Headers({ etag, "last-modified": modified.toUTCString() });
    for (const [name, value] of metadata) out.set(name, value);
    const [, from, to] = /^bytes=(\d+)-(\d+)$/.exec(headers.get("range") ?? "") ?? [];
    if (from === undefined) return this.#send(method, bytes, 200, out);
    if (Number(from) >= bytes.length) return errorOf(416, "InvalidRange");
    const end = Math.min(Number(to) + 1, bytes.length);
    out.set("content-range", `bytes ${from}-${end - 1}/${bytes.length}`);
    return this.#send(method, bytes.slice(Number(from), end), 206, out);
  }

  #send(
    method: string,
    bytes: Uint8Array<ArrayBuffer>,
    status: number,
    headers: Headers,
  ): Response {
    headers.set("content-length", String(bytes.length));
    if (method === "HEAD") return new Response(null, { status, headers });
    this.bytesSent += bytes.length;
    return new Response(bytes, { status, headers });
  }
}

function metadataOf(headers: Headers): (readonly [string, string])[] {
  return [...headers].filter(([name]) => name.startsWith("x-amz-meta-"));
}

function hasItsChecksum(headers: Headers, bytes: Uint8Array): boolean {
  const wanted = headers.get("x-amz-checksum-sha256");
  return wanted !== null && wanted === createHash("sha256").update(bytes).digest("base64");
}

function preconditionFailed(): Response {
  return errorOf(412, "PreconditionFailed");
}

function errorOf(status: number, code: string): Response {
  return xml(`<Error><Code>${code}</Code><Message>${code}</Message></Error>`, status);
}

function xml(text: string, status = 200): Response {
  return new Response(`<?xml version="1.0" encoding="UTF-8"?>\n${text}`, {
    status,
    headers: { "content-type": "application/xml" },
  });
}

/** An answer whose connection breaks in the middle of its body. */
function reset(bytes: Uint8Array = new Uint8Array(1), announced = 100): Response {
  const body = new ReadableStream<Uint8Array>({
    start: (controller) => controller.enqueue(bytes),
    pull: (controller) => controller.error(new Error("reset")),
  });
  return new Response(body, { headers: { "content-length": String(announced) } });
}

function truncated({ status, headers, body }: Response): Response {
  const announced = headers.get("content-length") ?? "1";
  const broken = reset(new Uint8Array(Math.floor(Number(announced) / 2)), Number(announced));
  body?.cancel();
  return new Response(broken.body, { status, headers });
}

async function damaged(answer: Response): Promise<Response> {
  const bytes = new Uint8Array(await answer.arrayBuffer());
  if (bytes.length > 0) bytes[bytes.length >> 1] ^= 1;
  return new Response(bytes, { status: answer.status, headers: answer.headers });
}
