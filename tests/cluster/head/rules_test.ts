import { assert, assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { encodeValue } from "../../../src/base/value_codec.ts";
import type { ClusterClient } from "../../../cluster/client/mod.ts";
import { connect, TaskCancelledError, TaskFailedError } from "../../../cluster/client/mod.ts";
import { Head } from "../../../cluster/head/head.ts";
import { INITIAL_CREDITS } from "../../../cluster/protocol/limits.ts";
import type { WorkerMessage } from "../../../cluster/protocol/messages.ts";
import { scriptedWorker, TOKEN, withHead } from "./scripted_worker.ts";

const FN = { module: "file:///x.ts", exportName: "f" };

function unfinished(tasks: Readonly<Record<string, number>>): number {
  return tasks.waiting + tasks.ready + tasks.delayed + tasks.assigned + tasks.running;
}

/** Answers with how many attempts were answered before. */
function counting(): (attempt: { taskId: string; attemptId: number }) => WorkerMessage {
  let count = 0;
  return ({ taskId, attemptId }) => {
    const result = { type: "inline", bytes: encodeValue(count++) } as const;
    const report = { type: "succeeded", result, durationMs: 0.01 } as const;
    return { type: "AttemptsEnded", attempts: [{ taskId, attemptId, report }] };
  };
}

async function until(
  client: ClusterClient,
  holds: (tasks: Readonly<Record<string, number>>) => boolean,
) {
  while (!holds((await client.status()).tasks));
}

Deno.test("a fast producer is held back by a full head, and every task runs in the end", () =>
  withHead(async (head) => {
    const client = connect({ headUrl: head.url, token: TOKEN, code: "in-place" });
    const total = 2 * INITIAL_CREDITS;
    const handles = Array.from({ length: total }, () => client.submit(FN, []));
    const last = client.submit(FN, [handles[0]]);
    const dropped = client.submit(FN, []);
    await until(client, (tasks) => unfinished(tasks) >= INITIAL_CREDITS);
    assertEquals(unfinished((await client.status()).tasks), INITIAL_CREDITS);
    dropped.cancel();
    await assertRejects(() => dropped.result, TaskCancelledError);
    const worker = scriptedWorker(head, counting(), { capacity: { cpus: 100 } });
    const results = await Promise.all([...handles, last].map(({ result }) => result));
    assertEquals(new Set(results).size, total + 1);
    await client[Symbol.asyncDispose]();
    await worker.close();
  }, { maxQueuedTasks: 1_000 }));

Deno.test("a client hears of a task that no worker can hold, and one that is to fail fast fails", () =>
  withHead(async (head) => {
    const warned = Promise.withResolvers<string>();
    const client = connect({
      headUrl: head.url,
      token: TOKEN,
      code: "in-place",
      onWarning: warned.resolve,
    });
    const worker = scriptedWorker(head, counting(), { capacity: { cpus: 2 } });
    while ((await client.status()).workers.length === 0);
    const resources = { cpus: 1, gpu: 1 };
    const waiting = client.submit(FN, [], { name: "big", resources });
    waiting.result.catch(() => {});
    assertStringIncludes(await warned.promise, "big waits");
    const fast = client.submit(FN, [], { resources, failFast: true });
    const error = await assertRejects(() => fast.result, TaskFailedError, "could never hold");
    assertEquals(error.kind, "unschedulable");
    await client[Symbol.asyncDispose]();
    await worker.close();
  }, { limits: { warnUnholdableAfterMs: 10 } }));

Deno.test("an idempotency key leads to one outcome, over clients and over a restart of the head", async () => {
  const stateDir = await Deno.makeTempDir();
  const options = { idempotencyKey: "monthly report" };
  const submitWith = async (head: Head, args: readonly unknown[]) => {
    const client = connect({ headUrl: head.url, token: TOKEN, code: "in-place" });
    const result = await client.submit(FN, args, options).result;
    await until(client, (tasks) => tasks.succeeded <= 1);
    await client[Symbol.asyncDispose]();
    return result;
  };
  {
    await using head = new Head({ stateDir, token: TOKEN });
    const worker = scriptedWorker(head, counting());
    assertEquals(await submitWith(head, [1]), 0);
    assertEquals(await submitWith(head, [1]), 0);
    await worker.close();
  }
  await using head = new Head({ stateDir, token: TOKEN });
  assertEquals(await submitWith(head, [1]), 0);
  const error = await assertRejects(() => submitWith(head, [2]), TaskFailedError);
  assertEquals(error.causeName, "IdempotencyConflict");
  await head[Symbol.asyncDispose]();
  await Deno.remove(stateDir, { recursive: true });
});

Deno.test("a worker that says that its memory is nearly used up gets nothing until it says otherwise", () =>
  withHead(async (head) => {
    const client = connect({ headUrl: head.url, token: TOKEN, code: "in-place" });
    const worker = scriptedWorker(head, counting());
    while ((await client.status()).workers.length === 0);
    worker.send({ type: "MemoryPressure", isUnderPressure: true });
    await client.status();
    const handle = client.submit(FN, []);
    await until(client, ({ ready }) => ready === 1);
    worker.send({ type: "MemoryPressure", isUnderPressure: false });
    assertEquals(await handle.result, 0);
    await client[Symbol.asyncDispose]();
    await worker.close();
  }));

Deno.test("a task that does not start in time fails, and so says its error", () =>
  withHead(async (head) => {
    const client = connect({ headUrl: head.url, token: TOKEN, code: "in-place" });
    const { result } = client.submit(FN, [], { queueTimeoutMs: 20 });
    const error = await assertRejects(() => result, TaskFailedError);
    assert(error instanceof TaskFailedError);
    assertEquals([error.kind, error.causeName], ["timed_out", "QueueTimedOut"]);
    await client[Symbol.asyncDispose]();
  }));
