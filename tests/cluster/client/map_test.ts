import { assert, assertEquals, assertRejects } from "@std/assert";
import { remote } from "../../../cluster/client/mod.ts";
import { mapCalls, valueOf } from "../../../cluster/client/map.ts";
import type { MapOptions, MapParts } from "../../../cluster/client/map.ts";
import { clusterTests } from "./cluster_test_case.ts";
import { add, exitOn, pidAfter } from "./tasks.ts";

const MODULE = new URL("./tasks.ts", import.meta.url).href;
const clusterTest = clusterTests(MODULE);

/** Calls that end when the test says so. */
class HeldCalls {
  readonly started: number[] = [];
  readonly cancelled: number[] = [];
  readonly #calls = new Map<number, PromiseWithResolvers<string>>();

  readonly submit = (input: number) => {
    const call = Promise.withResolvers<string>();
    this.started.push(input);
    this.#calls.set(input, call);
    return { result: call.promise, cancel: () => this.cancelled.push(input) };
  };

  end(input: number): void {
    this.#calls.get(input)?.resolve(`r${input}`);
  }

  fail(input: number): void {
    this.#calls.get(input)?.reject(new Error(`no ${input}`));
  }

  map(inputs: Iterable<number> | AsyncIterable<number>, options: MapOptions) {
    return mapCalls(this.#parts, inputs, options, (outcome) => outcome);
  }

  results(inputs: Iterable<number> | AsyncIterable<number>, options: MapOptions) {
    return mapCalls(this.#parts, inputs, options, valueOf);
  }

  get #parts(): MapParts<number, string> {
    return { submit: this.submit, watch: (promise) => promise };
  }
}

/** All microtasks that are due, and those that come of them. */
async function turn(): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, 0));
}

Deno.test("map() starts no more than its window, and goes on as results are taken", async () => {
  const calls = new HeldCalls();
  const results = calls.results([1, 2, 3, 4, 5], { window: 2 });
  const first = results.next();
  await turn();
  assertEquals(calls.started, [1, 2]);
  calls.end(2);
  await turn();
  assertEquals(calls.started, [1, 2], "a result that nobody took holds its place");
  calls.end(1);
  assertEquals((await first).value, "r1");
  await turn();
  assertEquals(calls.started, [1, 2], "and nothing starts while nobody asks");
  assertEquals((await results.next()).value, "r2");
  assertEquals(calls.started, [1, 2, 3]);
  await results.return();
  assertEquals(calls.cancelled, [3]);
});

Deno.test("map() without order gives results as they come, with their index when failures settle", async () => {
  const calls = new HeldCalls();
  const outcomes = calls.map([10, 20, 30], { ordered: false });
  const first = outcomes.next();
  await turn();
  calls.fail(30);
  calls.end(10);
  const failure = (await first).value;
  assert(failure?.status === "rejected");
  assertEquals([failure.index, failure.reason.message], [2, "no 30"]);
  assertEquals((await outcomes.next()).value, { status: "fulfilled", value: "r10", index: 0 });
  calls.end(20);
  assertEquals((await outcomes.next()).value, { status: "fulfilled", value: "r20", index: 1 });
  assertEquals((await outcomes.next()).done, true);
});

Deno.test("map() throws the first failure in its turn, cancels the rest and closes its inputs", async () => {
  const calls = new HeldCalls();
  let isClosed = false;
  function* inputs() {
    try {
      for (let i = 0;; i++) yield i;
    } finally {
      isClosed = true;
    }
  }
  const results = calls.results(inputs(), { window: 3 });
  const first = results.next();
  await turn();
  calls.fail(1);
  calls.end(0);
  assertEquals((await first).value, "r0");
  await assertRejects(() => results.next(), Error, "no 1");
  assertEquals(calls.cancelled, [2, 3]);
  assert(isClosed);
});

Deno.test("map() gives what is there while an async producer lets it wait", async () => {
  const calls = new HeldCalls();
  const gate = Promise.withResolvers<void>();
  async function* inputs() {
    yield 1;
    await gate.promise;
    yield 2;
  }
  const results = calls.results(inputs(), {});
  const first = results.next();
  await turn();
  calls.end(1);
  assertEquals((await first).value, "r1");
  const second = results.next();
  gate.resolve();
  await turn();
  calls.end(2);
  assertEquals([(await second).value, (await results.next()).done], ["r2", true]);
});

Deno.test("map() fails with what its inputs throw, and with the reason of its signal", async () => {
  const calls = new HeldCalls();
  async function* broken() {
    yield 1;
    throw new Error("the producer broke");
  }
  await assertRejects(() => calls.results(broken(), {}).next(), Error, "the producer broke");
  const thrower: Iterable<number> = {
    [Symbol.iterator]: () => ({
      next: () => {
        throw new Error("at once");
      },
    }),
  };
  await assertRejects(() => calls.results(thrower, {}).next(), Error, "at once");
  const abort = new AbortController();
  const waiting = calls.results([7], { signal: abort.signal }).next();
  await turn();
  abort.abort(new Error("enough"));
  await assertRejects(() => waiting, Error, "enough");
  assertEquals(calls.cancelled, [1, 7]);
  await assertRejects(() => calls.results([1], { window: 0 }).next(), RangeError, "it is 0");
});

clusterTest(
  "map() and gather() run typed functions on a cluster",
  2,
  async ({ cluster: { client } }) => {
    const doubled: number[] = [];
    async function* inputs() {
      for (let i = 0; i < 300; i++) yield i;
    }
    const increment = remote(MODULE, (n: number) => add(n, n), "double");
    for await (const value of client.map(increment, inputs(), { window: 50 })) doubled.push(value);
    assertEquals(doubled, Array.from({ length: 300 }, (_, i) => 2 * i));

    const fn = remote(MODULE, add);
    const sums: [number, number] = await client.gather([
      client.submit(fn, [1, 2]),
      client.submit(fn, [client.submit(fn, [1, 1]), 2]),
    ]);
    assertEquals(sums, [3, 4]);

    const crashes = client.map(remote(MODULE, exitOn as (n: number) => number, "exitOnThree"), [
      1,
      2,
      3,
      4,
    ], {
      onError: "settle",
    });
    const statuses: string[] = [];
    for await (const outcome of crashes) statuses.push(outcome.status);
    assertEquals(statuses, ["fulfilled", "fulfilled", "rejected", "fulfilled"]);
  },
);

clusterTest("leaving a map() cancels what is under way", 2, async ({ cluster: { client } }) => {
  for await (
    const _pid of client.map(remote(MODULE, pidAfter), [1, 60_000, 60_000], { ordered: false })
  ) break;
  for (let left = 500; (await client.status()).tasks.running > 0; left--) {
    assert(left > 0, "they go on running");
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
});

Deno.test("remote() needs a name", () => {
  let message = "";
  try {
    remote(MODULE, () => 1);
  } catch (error) {
    message = (error as Error).message;
  }
  assert(message.includes("third argument of remote()"), message);
});
