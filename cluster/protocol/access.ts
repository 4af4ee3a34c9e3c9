import { createHash, randomBytes, timingSafeEqual } from "node:crypto";

/** A new bearer token: 256 random bits. */
export function newToken(): string {
  return randomBytes(32).toString("base64url");
}

/** Whether a request carries the cluster's token. Compares hashes in constant time, so neither the token's length nor
 * a common prefix shows in the time taken. */
export function isAuthorized(request: Request, token: string): boolean {
  const given = request.headers.get("authorization") ?? "";
  return timingSafeEqual(digest(given), digest(`Bearer ${token}`));
}

function digest(text: string): Uint8Array {
  return createHash("sha256").update(text).digest();
}
