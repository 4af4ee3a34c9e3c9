import { assert, assertEquals, assertRejects } from "@std/assert";
import { createRng } from "../../../src/base/rng.ts";
import { UserError } from "../../../src/base/errors.ts";
import { HttpDoor, RefusedError } from "../../../src/dataops/sources/http_door.ts";
import { TokenBucket } from "../../../src/dataops/sources/token_bucket.ts";
import { DrivenClock } from "../driven_clock.ts";
import { type Fault, MarketServer } from "../market_server.ts";

const NEVER = new AbortController().signal;

async function withDoor(
  faults: readonly Fault[],
  test: (get: () => Promise<number>, clock: DrivenClock, server: MarketServer) => Promise<void>,
): Promise<void> {
  await using server = new MarketServer();
  server.bars.set("BTCUSDT", [[0, 1, 1, 1, 1, 1]]);
  server.faults.push(...faults);
  const clock = new DrivenClock();
  const door = new HttpDoor({
    name: "test",
    requestsPerSecond: 1000,
    burst: 100,
    clock,
    rng: createRng(1),
  });
  const url = new URL("/api/v3/ticker/24hr?key=secret", server.url);
  const read = (body: Uint8Array) => JSON.parse(new TextDecoder().decode(body)).length as number;
  await test(() => door.get(url, read, NEVER), clock, server);
}

const STATUS = (status: number, retryAfter?: string): Fault => ({
  type: "status",
  status,
  retryAfter,
});

Deno.test("a server error, a cut connection, a cut body and nonsense are all tried again, with growing pauses", () =>
  withDoor(
    [STATUS(503), { type: "truncated" }, { type: "cut" }, { type: "garbage" }, STATUS(500)],
    async (get, clock, server) => {
      assertEquals(await get(), 1);
      assertEquals(server.requests.length, 6);
      assertEquals(clock.sleeps.length, 5);
      clock.sleeps.forEach((ms, k) => assert(ms >= 250 * 2 ** k && ms <= 500 * 2 ** k, `${ms}`));
    },
  ));

Deno.test("after six attempts the reason of the last one is told, without the query", () =>
  withDoor(Array.from({ length: 6 }, () => STATUS(502)), async (get, _, server) => {
    const error = await assertRejects(
      get,
      UserError,
      "it answered 502, try later, after 6 attempts",
    );
    assert(!error.message.includes("secret"));
    assertEquals(server.requests.length, 6);
  }));

Deno.test("a server that says how long to wait is obeyed: by seconds, by date, and after a ban", () =>
  withDoor([
    STATUS(429, "7"),
    STATUS(418, new Date(27_000).toUTCString()),
  ], async (get, clock) => {
    assertEquals(await get(), 1);
    assertEquals(clock.nowMs(), 27_000);
  }));

Deno.test("a server that asks for more than five minutes is given up at once", () =>
  withDoor([STATUS(429, "86400")], async (get, clock, server) => {
    await assertRejects(get, RefusedError, "it answered 429");
    assertEquals([clock.nowMs(), server.requests.length], [0, 1]);
  }));

Deno.test("a refusal is not asked again", () =>
  withDoor([STATUS(403)], async (get, _, server) => {
    assertEquals((await assertRejects(get, RefusedError)).status, 403);
    assertEquals(server.requests.length, 1);
  }));

Deno.test("a token bucket lets its burst through at once, then one by one, in the order of asking", async () => {
  const clock = new DrivenClock();
  const bucket = new TokenBucket(clock, 2, 3);
  const passed: [number, number][] = [];
  await Promise.all(Array.from({ length: 7 }, async (_, i) => {
    await bucket.take(NEVER);
    passed.push([i, clock.nowMs()]);
  }));
  assertEquals(passed, [[0, 0], [1, 0], [2, 0], [3, 500], [4, 1000], [5, 1500], [6, 2000]]);
  clock.advance(10_000);
  bucket.close(400);
  await bucket.take(NEVER);
  assertEquals(clock.nowMs(), 12_400);
  for (let i = 0; i < 2; i++) await bucket.take(NEVER);
  assertEquals(clock.nowMs(), 12_400, "a rest fills it up to its burst, not beyond");
  await bucket.take(NEVER);
  assertEquals(clock.nowMs(), 12_900);
});

Deno.test("who gives up waiting does not hold up those behind", async () => {
  const clock = new DrivenClock();
  const bucket = new TokenBucket(clock, 1, 1);
  const gone = AbortSignal.abort(new Error("gone"));
  await assertRejects(() => bucket.take(gone), Error, "gone");
  await bucket.take(NEVER);
  assertEquals(clock.nowMs(), 0);
});
