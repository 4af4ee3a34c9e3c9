import { createHmac, timingSafeEqual } from "node:crypto";

/** The header that carries the signature of a webhook. */
export const SIGNATURE_HEADER = "tradewind-signature";

/** The signature of a webhook: its time in seconds, and the HMAC-SHA256 of `<time>.<body>` under the shared secret, as
 * `t=<time>,v1=<64 hexadecimal digits>`.
 * Source: RFC 2104 (HMAC). */
export function signWebhook(body: string, secret: string, nowMs: number): string {
  const seconds = Math.floor(nowMs / 1000);
  return `t=${seconds},v1=${macOf(body, secret, seconds)}`;
}

/** Whether a webhook is what its sender signed, and not older than it may be: what a receiver has to ask first.
 * @param header of {@linkcode SIGNATURE_HEADER}
 * @param toleranceMs how far its time may be from now; default five minutes */
export function verifyWebhook(
  body: string,
  header: string,
  secret: string,
  nowMs: number,
  toleranceMs = 300_000,
): boolean {
  const [, seconds, mac] = /^t=(\d{1,12}),v1=([0-9a-f]{64})$/.exec(header) ?? [];
  if (seconds === undefined || mac === undefined) return false;
  if (Math.abs(nowMs - Number(seconds) * 1000) > toleranceMs) return false;
  const expected = macOf(body, secret, Number(seconds));
  return timingSafeEqual(new TextEncoder().encode(mac), new TextEncoder().encode(expected));
}

function macOf(body: string, secret: string, seconds: number): string {
  return createHmac("sha256", secret).update(`${seconds}.${body}`).digest("hex");
}
