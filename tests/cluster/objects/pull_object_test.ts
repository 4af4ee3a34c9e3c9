import { assertEquals, assertRejects } from "@std/assert";
import { sha256Hex } from "../../../src/base/hash.ts";
import { ObjectStore } from "../../../cluster/objects/object_store.ts";
import { ObjectMissingError, pullObject } from "../../../cluster/objects/pull_object.ts";
import { ObjectServer } from "../../../cluster/worker/object_server.ts";

const BYTES = new Uint8Array(3_000_000).map((_, i) => i % 251);
const ID = sha256Hex(BYTES);
const TOKEN = "t".repeat(40);

async function pull(url: string, token: string, objectId = ID): Promise<Uint8Array> {
  const chunks = await Array.fromAsync(pullObject({ url, token }, objectId));
  return new Uint8Array(await new Blob(chunks).arrayBuffer());
}

async function withServer(
  test: (server: ObjectServer, store: ObjectStore, broken: string[]) => Promise<void>,
): Promise<void> {
  const folder = await Deno.makeTempDir();
  const folders = { memory: `${folder}/memory`, disk: `${folder}/disk` };
  const store = new ObjectStore({ folders, memoryLimitBytes: Infinity });
  await store.write(ID, ReadableStream.from([BYTES]), BYTES.byteLength);
  const broken: string[] = [];
  const server = new ObjectServer({
    hostname: "127.0.0.1",
    token: TOKEN,
    store,
    onBroken: (objectId) => broken.push(objectId),
  });
  try {
    await test(server, store, broken);
  } finally {
    await server[Symbol.asyncDispose]();
    await Deno.remove(folder, { recursive: true });
  }
}

Deno.test("an object is fetched from a node by whoever has the token, and by nobody else", () =>
  withServer(async ({ url }) => {
    assertEquals(await pull(url, TOKEN), BYTES);
    await assertRejects(() => pull(url, "wrong"), Error, "answered 401: The cluster's token");
    await assertRejects(() => pull(url, TOKEN, "0".repeat(64)), ObjectMissingError, "404");
    await assertRejects(() => pull(url, TOKEN, "..%2Fsecret"), ObjectMissingError, "404");
  }));

Deno.test("a node that is told of other bytes looks at its file, and lets go of one that is broken", () =>
  withServer(async ({ url }, store, broken) => {
    const ask = async () => {
      const headers = { authorization: `Bearer ${TOKEN}` };
      const response = await fetch(`${url}/objects/${ID}`, { method: "POST", headers });
      return (await response.json()).isWhole;
    };
    assertEquals([await ask(), broken], [true, []]);
    const [found] = await Array.fromAsync(Deno.readDir(store.folders.memory));
    await Deno.writeFile(`${store.folders.memory}/${found.name}`, BYTES.map((byte) => byte ^ 1));
    assertEquals([await ask(), broken, store.has(ID)], [false, [ID], false]);
  }));

Deno.test("a transfer that breaks is taken up where it broke", () =>
  withServer(async ({ url }) => {
    const ranges: (string | null)[] = [];
    const abort = new AbortController();
    // It passes on a million bytes of each answer, then breaks the connection.
    const flaky = Deno.serve(
      { hostname: "127.0.0.1", port: 0, onListen: () => {}, signal: abort.signal },
      async (request) => {
        ranges.push(request.headers.get("range"));
        const answer = await fetch(`${url}${new URL(request.url).pathname}`, {
          headers: request.headers,
        });
        return new Response(answer.body!.pipeThrough(breakAfter(1_000_000)), {
          status: answer.status,
          headers: answer.headers,
        });
      },
    );
    assertEquals(await pull(`http://127.0.0.1:${flaky.addr.port}`, TOKEN), BYTES);
    assertEquals([ranges[0], ranges.length > 2], [null, true]);
    abort.abort();
    await flaky.finished;
  }));

function breakAfter(bytes: number): TransformStream<Uint8Array, Uint8Array> {
  let left = bytes;
  return new TransformStream({
    transform(chunk, controller) {
      if (left <= 0) return controller.terminate();
      left -= chunk.byteLength;
      controller.enqueue(chunk);
    },
  });
}
