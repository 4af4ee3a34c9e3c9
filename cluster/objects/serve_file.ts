import { fileChunks } from "./memory_files.ts";
import type { ObjectFile } from "./object_folders.ts";

/** Answers `GET` and `HEAD` for an object's file; `Range: bytes=N-` gives the rest from there, so that a transfer that
 * broke can be taken up again. */
export function serveFile(request: Request, file: ObjectFile): Response {
  const { path, sizeBytes } = file;
  const from = rangeStart(request.headers.get("range"));
  if (from > sizeBytes) {
    const headers = { "content-range": `bytes */${sizeBytes}` };
    return new Response(null, { status: 416, headers });
  }
  const headers: Record<string, string> = {
    "content-type": "application/octet-stream",
    "content-length": String(sizeBytes - from),
    "accept-ranges": "bytes",
  };
  if (from > 0) headers["content-range"] = `bytes ${from}-${sizeBytes - 1}/${sizeBytes}`;
  const status = from > 0 ? 206 : 200;
  if (request.method === "HEAD") return new Response(null, { status, headers });
  return new Response(ReadableStream.from(fileChunks(path, from)), { status, headers });
}

function rangeStart(range: string | null): number {
  const found = /^bytes=(\d{1,15})-$/.exec(range ?? "");
  return found === null ? 0 : Number(found[1]);
}
