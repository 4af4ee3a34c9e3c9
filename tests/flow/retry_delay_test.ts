import { assertEquals, assertGreaterOrEqual, assertLess } from "@std/assert";
import { createRng } from "../../src/base/rng.ts";
import { retryDelayMs } from "../../src/flow/retry_delay.ts";

const alwaysHalf = { next: () => 0.5, below: () => 0, normal: () => 0 };

Deno.test("retryDelayMs() doubles its bound with each attempt up to the maximum", () => {
  const backoff = { baseDelayMs: 100, maxDelayMs: 500 };
  const delays = [1, 2, 3, 4, 5].map((attempt) => retryDelayMs(backoff, attempt, alwaysHalf));
  assertEquals(delays, [50, 100, 200, 250, 250]);
});

Deno.test("retryDelayMs() stays within its bound and is the same for the same seed", () => {
  const backoff = { baseDelayMs: 100, maxDelayMs: 1000 };
  const draw = () => {
    const rng = createRng(7);
    return Array.from({ length: 50 }, () => retryDelayMs(backoff, 1, rng));
  };
  assertEquals(draw(), draw());
  for (const delayMs of draw()) {
    assertGreaterOrEqual(delayMs, 0);
    assertLess(delayMs, 100);
  }
});
