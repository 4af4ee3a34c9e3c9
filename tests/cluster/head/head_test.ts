import { assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { sha256Hex } from "../../../src/base/hash.ts";
import { connect, TaskFailedError } from "../../../cluster/client/mod.ts";
import { Head } from "../../../cluster/head/head.ts";
import { encodeFrame } from "../../../cluster/protocol/codec.ts";
import { scriptedWorker, TOKEN, withHead } from "./scripted_worker.ts";

Deno.test("a head hands a task to a worker of any make, and its report to the client", () =>
  withHead(async (head) => {
    const error = { kind: "thrown", name: "RangeError", message: "from a script" } as const;
    const worker = scriptedWorker(head, ({ taskId, attemptId }) => ({
      type: "AttemptsEnded",
      attempts: [{ taskId, attemptId, report: { type: "failed", error, durationMs: 1 } }],
    }));
    const client = connect({ headUrl: head.url, token: TOKEN, code: "in-place" });
    const result = client.submit({ module: "file:///x.ts", exportName: "f" }, []).result;
    await assertRejects(() => result, TaskFailedError, "from a script");
    await worker.acknowledged;
    await client[Symbol.asyncDispose]();
    await worker.close();
  }));

Deno.test("a worker of another protocol version is told both versions, and does not come back", () =>
  withHead(async (head) => {
    const worker = scriptedWorker(
      head,
      () => ({ type: "Heartbeat", executors: [], preparing: [] }),
      {
        protocol: 7,
      },
    );
    assertStringIncludes((await worker.lost).message, "protocol 7 is not this head's 1");
    await worker.close();
  }));

Deno.test("bytes that are no message close the connection with the reason, and count", () =>
  withHead(async (head, notices) => {
    const open = async (first: Uint8Array<ArrayBuffer> | string) => {
      const socket = new WebSocket(head.url.replace("http", "ws") + "/client", {
        headers: { authorization: `Bearer ${TOKEN}` },
      });
      socket.onopen = () => socket.send(first);
      return await new Promise<CloseEvent>((resolve) => socket.onclose = resolve);
    };
    assertStringIncludes((await open(new Uint8Array([1, 2, 3]))).reason, "Cannot read");
    assertStringIncludes((await open("text")).reason, "frames are binary");
    const early = await open(encodeFrame([{ type: "Goodbye" }]));
    assertEquals([early.code, early.reason], [4000, "Cannot start with Goodbye"]);
    assertEquals(notices.length, 3);
    const client = connect({ headUrl: head.url, token: TOKEN, code: "in-place" });
    assertEquals((await client.status()).refusedConnections, 3);
    await client[Symbol.asyncDispose]();
  }));

Deno.test("the object service checks names and hashes, and tells what is wrong", () =>
  withHead(async (head) => {
    const headers = { authorization: `Bearer ${TOKEN}` };
    const request = async (path: string, init: RequestInit = {}) => {
      const response = await fetch(`${head.url}${path}`, { headers, ...init });
      return [response.status, await response.text()] as const;
    };
    const id = sha256Hex("content");
    assertEquals(await request(`/objects/${id}`, { method: "PUT", body: "content" }), [201, ""]);
    assertEquals(await request(`/objects/${id}`, { method: "PUT", body: "content" }), [201, ""]);
    assertEquals(await request(`/objects/${id}`), [200, "content"]);
    assertEquals(
      (await request(`/objects/${id}`, { method: "PUT", headers: {}, body: "x" }))[0],
      401,
    );
    assertEquals(
      (await request(`/objects/${sha256Hex("other")}`, { method: "PUT", body: "content" }))[0],
      422,
    );
    assertEquals((await request(`/objects/${sha256Hex("other")}`))[0], 410);
    assertEquals((await request("/objects/..%2f..%2ftoken"))[0], 400);
    assertEquals((await request(`/objects/${id}`, { method: "DELETE" }))[0], 405);
    assertEquals((await request("/client"))[0], 426);
    assertEquals((await request("/healthz", { headers: {} }))[0], 200);
  }));

Deno.test("a head that starts on the folder of another goes on with its tasks", async () => {
  const stateDir = await Deno.makeTempDir();
  const client = await (async () => {
    await using head = new Head({ stateDir, token: TOKEN, port: 0 });
    const first = connect({ headUrl: head.url, token: TOKEN, code: "in-place", patienceMs: 10 });
    const orphan = first.submit({ module: "file:///x.ts", exportName: "f" }, []);
    orphan.result.catch(() => {});
    while ((await first.status()).tasks.ready !== 1);
    return first;
  })();
  await client[Symbol.asyncDispose]();
  await using head = new Head({ stateDir, token: TOKEN, clientGraceMs: 700 });
  const worker = scriptedWorker(head, ({ taskId, attemptId }) => ({
    type: "AttemptsEnded",
    attempts: [{ taskId, attemptId, report: { type: "cancelled" } }],
  }));
  const second = connect({ headUrl: head.url, token: TOKEN, code: "in-place" });
  assertEquals((await second.status()).tasks.ready, 1);
  // Its client does not come back: in time the task is cancelled and forgotten.
  while ((await second.status()).tasks.ready !== 0);
  await second[Symbol.asyncDispose]();
  await worker.close();
  await Deno.remove(stateDir, { recursive: true });
});
