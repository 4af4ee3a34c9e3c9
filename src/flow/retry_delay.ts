import type { Rng } from "../base/rng.ts";

/** How long to wait between attempts. */
export interface RetryBackoff {
  /** Upper bound of the first delay. */
  readonly baseDelayMs: number;
  /** Upper bound of every delay. */
  readonly maxDelayMs: number;
}

/** The delay after attempt k: uniform in [0, min(maxDelayMs, baseDelayMs · 2^(k − 1))).
 * @param failedAttempt k, from 1
 * @returns milliseconds
 * Source: Brooker (2015), "Exponential Backoff And Jitter", the full jitter. */
export function retryDelayMs(backoff: RetryBackoff, failedAttempt: number, rng: Rng): number {
  const bound = Math.min(backoff.maxDelayMs, backoff.baseDelayMs * 2 ** (failedAttempt - 1));
  return bound * rng.next();
}

/** How long to wait where nothing is said. */
export const DEFAULT_BACKOFF: RetryBackoff = { baseDelayMs: 500, maxDelayMs: 30_000 };
