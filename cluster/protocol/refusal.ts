import type { ErrorCode } from "../../src/base/error_codes/error_codes.ts";

/** The answer to a request over HTTP that is not done: `{error, code}`.
 * @param status of HTTP, from 400
 * @param message what cannot be done and why, for people */
export function refusal(status: number, message: string): Response {
  return Response.json({ error: message, code: codeOf(status) }, { status });
}

function codeOf(status: number): ErrorCode {
  if (status === 401 || status === 403) return "request/unauthorized";
  if (status === 404 || status === 410) return "request/not-found";
  if (status === 413) return "request/too-large";
  return status < 500 ? "request/refused" : "request/failed";
}
