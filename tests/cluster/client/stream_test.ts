import { assert, assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { delay } from "@std/async/delay";
import { remote, TaskFailedError } from "../../../cluster/client/mod.ts";
import { ItemStream } from "../../../cluster/client/stream.ts";
import type { StreamOptions } from "../../../cluster/client/stream.ts";
import { clusterTests } from "./cluster_test_case.ts";
import { arrays, count, countInto, dieOnce, failAfter, goOnOnce, plain } from "./stream_tasks.ts";

const MODULE = new URL("./stream_tasks.ts", import.meta.url).href;
const clusterTest = clusterTests(MODULE);

async function until(isSo: () => boolean | Promise<boolean>): Promise<void> {
  for (let left = 1_000; !await isSo(); left--) {
    if (left === 0) throw new Error("it never came to it");
    await delay(20);
  }
}

async function collect<T>(items: AsyncIterable<T>): Promise<{ got: T[]; error: unknown }> {
  const got: T[] = [];
  try {
    for await (const item of items) got.push(item);
  } catch (error) {
    return { got, error };
  }
  return { got, error: undefined };
}

const upTo = (n: number) => Array.from({ length: n }, (_, i) => i);

clusterTest(
  "the items of a generator come in order, small and large, also into a task",
  1,
  async (trial) => {
    const { cluster: { client }, run } = trial;
    const counted = await collect(client.stream(remote(MODULE, count), [1_000], { window: 16 }));
    assertEquals(counted, { got: upTo(1_000), error: undefined });
    const large = await collect(client.stream(remote(MODULE, arrays), [4]));
    assertEquals(large.got.map((array) => [array.length, array[0], array[49_999]]), [
      [50_000, 0, 0],
      [50_000, 1, 1],
      [50_000, 2, 2],
      [50_000, 3, 3],
    ]);
    assertEquals(await run("sumOfStream", [200]), 19_900);
    assertEquals((await collect(client.stream(remote(MODULE, count), [0]))).got, []);
  },
);

clusterTest(
  "a task is no more than the window ahead of its consumer, and is closed when that leaves",
  1,
  async (trial) => {
    const { cluster: { client }, folder } = trial;
    const path = `${folder}/writable/progress`;
    const items = client.stream(remote(MODULE, countInto), [1_000_000, path], { window: 8 });
    assertEquals((await items.next()).value, 0);
    await until(() => Deno.readTextFileSync(path) === "9");
    await delay(100);
    assertEquals(await Deno.readTextFile(path), "9", "one was taken, eight may be ahead");
    await items.return();
    await until(() => Deno.stat(`${path}.closed`).then(() => true, () => false));
  },
);

clusterTest(
  "a failure comes after the items before it, and what is no generator is told",
  1,
  async (trial) => {
    const { cluster: { client } } = trial;
    const { got, error } = await collect(
      client.stream(remote(MODULE, failAfter), [100], { window: 4 }),
    );
    assertEquals(got, upTo(100));
    assert(error instanceof TaskFailedError && error.cause instanceof RangeError);
    assertEquals(error.reason, "no more of them");
    const wrong = client.stream({ ...remote(MODULE, plain), signature: undefined }, []);
    await assertRejects(() => wrong.next(), TaskFailedError, "it gives a number");
  },
);

clusterTest(
  "an attempt that dies in the middle ends its stream, or goes on where it is told to",
  1,
  async (trial) => {
    const { cluster: { client }, folder } = trial;
    const path = `${folder}/writable/first`;
    const retry = { maxAttempts: 2, baseDelayMs: 0, maxDelayMs: 0 };
    const run = async (options: StreamOptions) => {
      await Deno.writeTextFile(path, "");
      return await collect(client.stream(remote(MODULE, dieOnce), [10, path], options));
    };
    for (const options of [{}, { retry }]) {
      const { got, error } = await run(options);
      assertEquals(got, upTo(5));
      assert(error instanceof TaskFailedError && error.kind === "crashed");
      assertStringIncludes(error.message, "attempt 1");
    }
    const restarted = await run({ retry, resumeStream: "restart" });
    assertEquals(restarted, { got: upTo(10), error: undefined });
    await Deno.writeTextFile(path, "");
    const continued = await collect(
      client.stream(remote(MODULE, goOnOnce), [10, path], { retry, resumeStream: "continue" }),
    );
    assertEquals(continued.error, undefined);
    assertEquals(continued.got.map(([i]) => i), upTo(10));
    assertEquals(continued.got.at(-1)?.[1], 5, "the second attempt began behind the fifth item");
  },
);

/** The consumer's end alone. */
function streamOf(options: StreamOptions) {
  const grants: unknown[] = [];
  const kept: number[] = [];
  const stream = new ItemStream(options, {
    grant: (grant) => grants.push(grant),
    keep: (item) => kept.push(item.type === "inline" ? item.bytes[0] : -1),
  });
  const send = (attemptId: number, first: number, count: number) =>
    stream.take({
      type: "ItemsSent",
      taskId: "t",
      attemptId,
      first,
      items: upTo(count).map((i) => ({ type: "inline", bytes: new Uint8Array([first + i]) })),
    });
  const next = async () => {
    const item = await stream.next((promise) => promise);
    return item?.type === "inline" ? item.bytes[0] : undefined;
  };
  return { stream, grants, kept, send, next };
}

Deno.test("ItemStream takes each item once, and asks again for what was lost on the way", async () => {
  const { stream, grants, send, next } = streamOf({ window: 4 });
  send(7, 0, 0);
  assertEquals(grants.at(-1), { received: 0, upTo: 4, isResend: false });
  send(7, 0, 2);
  send(7, 1, 2);
  send(7, 5, 1);
  assertEquals(grants.at(-1), { received: 3, upTo: 4, isResend: true });
  send(7, 3, 1);
  stream.reconnected();
  assertEquals(grants.at(-1), { received: 4, upTo: 4, isResend: true });
  const before = grants.length;
  assertEquals([await next(), await next(), await next()], [0, 1, 2]);
  assertEquals(grants.slice(before), [{ received: 4, upTo: 6, isResend: false }]);
  send(6, 4, 1);
  assertEquals(await next(), 3);
  stream.finish("complete");
  assertEquals(await next(), undefined);
});

Deno.test("ItemStream goes on where the attempt before ended, and keeps each item once", async () => {
  const { stream, grants, kept, send, next } = streamOf({});
  send(1, 0, 3);
  send(2, 0, 0);
  assertEquals(grants.at(-1), { received: 3, upTo: 64, isResend: false });
  send(2, 1, 4);
  send(1, 5, 2);
  assertEquals(await Promise.all(upTo(5).map(next)), upTo(5));
  assertEquals(kept, upTo(5));
  send(2, 5, 1);
  assertEquals(stream.rest().length, 1);
});
