import { createHash, randomBytes, timingSafeEqual } from "node:crypto";

/** A cluster's bearer token, or what tells the one that is valid now: tokens are rotated while connections last. */
export type Token = string | (() => string);

/** A new bearer token: 256 random bits. */
export function newToken(): string {
  return randomBytes(32).toString("base64url");
}

/** The token that is valid now. */
export function tokenNow(token: Token): string {
  return typeof token === "string" ? token : token();
}

/** The value of the header `authorization` by which a request carries a token. */
export function bearer(token: Token): string {
  return `Bearer ${tokenNow(token)}`;
}

/** Whether a request carries the cluster's token. Compares hashes in constant time, so neither the token's length nor
 * a common prefix shows in the time taken. */
export function isAuthorized(request: Request, token: Token): boolean {
  const given = request.headers.get("authorization") ?? "";
  return timingSafeEqual(digest(given), digest(bearer(token)));
}

function digest(text: string): Uint8Array {
  return createHash("sha256").update(text).digest();
}
