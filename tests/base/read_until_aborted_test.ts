import { assertEquals, assertRejects } from "@std/assert";
import { readUntilAborted } from "../../src/base/read_until_aborted.ts";

const LINE = new TextEncoder().encode(`${"x".repeat(80)}\n`);

/** Gives lines, and then nothing more without ending. */
function silentAfter(lines: number): ReadableStream<Uint8Array<ArrayBuffer>> {
  return new ReadableStream({
    start(answer) {
      for (let i = 0; i < lines; i++) answer.enqueue(LINE);
    },
  });
}

for (const lines of [3, 40_000]) {
  Deno.test(`an answer of ${lines} lines that goes on without a word ends with the signal`, async () => {
    const ended = new AbortController();
    await using server = Deno.serve(
      { hostname: "127.0.0.1", port: 0, signal: ended.signal, onListen() {} },
      () => new Response(silentAfter(lines)),
    );
    const ending = new AbortController();
    let bytes = 0;
    await assertRejects(
      async () => {
        const url = `http://127.0.0.1:${server.addr.port}`;
        const { body } = await fetch(url, { signal: ending.signal });
        for await (const chunk of readUntilAborted(body!, ending.signal)) {
          bytes += chunk.byteLength;
          if (bytes === lines * LINE.byteLength) {
            setTimeout(() => ending.abort(new Error("enough")));
          }
        }
      },
      Error,
      "enough",
    );
    ended.abort();
  });
}

Deno.test("readUntilAborted() gives all of a stream that ends, and lets go of one that is left", async () => {
  const { signal } = new AbortController();
  const numbers = ReadableStream.from([1, 2, 3]);
  assertEquals(await Array.fromAsync(readUntilAborted(numbers, signal)), [1, 2, 3]);
  let isLeft = false;
  const endless = new ReadableStream({
    pull: (to) => to.enqueue(1),
    cancel: () => {
      isLeft = true;
    },
  });
  for await (const _ of readUntilAborted(endless, signal)) break;
  assertEquals(isLeft, true);
});
