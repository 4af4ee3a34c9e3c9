import { assertEquals, assertRejects } from "@std/assert";
import fc from "fast-check";
import { ProtocolError } from "../../../cluster/protocol/shapes.ts";
import { FrameStream } from "../../../cluster/worker/frame_stream.ts";

/** A connection that hands out given chunks, and keeps what is written. */
class ScriptedConnection {
  readonly written: number[] = [];
  readonly #chunks: Uint8Array[];

  constructor(chunks: readonly Uint8Array[]) {
    this.#chunks = [...chunks];
  }

  read(into: Uint8Array): Promise<number | null> {
    const chunk = this.#chunks.shift();
    if (chunk === undefined) return Promise.resolve(null);
    const part = chunk.subarray(0, into.length);
    into.set(part);
    if (part.length < chunk.length) this.#chunks.unshift(chunk.subarray(part.length));
    return Promise.resolve(part.length);
  }

  /** Takes a few bytes at a time, as a full socket does. */
  write(bytes: Uint8Array): Promise<number> {
    const part = bytes.subarray(0, 7);
    this.written.push(...part);
    return Promise.resolve(part.length);
  }

  close(): void {}
}

async function readAll(stream: FrameStream): Promise<number[][]> {
  const frames: number[][] = [];
  for await (const batch of stream.frames()) frames.push(...batch.map((frame) => [...frame]));
  return frames;
}

function cut(bytes: Uint8Array, sizes: readonly number[]): Uint8Array[] {
  const chunks: Uint8Array[] = [];
  for (let at = 0, i = 0; at < bytes.length; i++) {
    const size = sizes.length === 0 ? bytes.length : sizes[i % sizes.length];
    chunks.push(bytes.subarray(at, at + size));
    at += size;
  }
  return chunks;
}

Deno.test("FrameStream reads the frames that were written, however the bytes are cut", async () => {
  const frames = fc.array(fc.uint8Array({ maxLength: 300 }), { maxLength: 8 });
  const sizes = fc.array(fc.integer({ min: 1, max: 50 }), { maxLength: 5 });
  await fc.assert(fc.asyncProperty(frames, sizes, async (sent, chunkSizes) => {
    const sender = new ScriptedConnection([]);
    const writer = new FrameStream(sender);
    await Promise.all(sent.map((frame) => writer.write(frame)));
    const receiver = new ScriptedConnection(cut(Uint8Array.from(sender.written), chunkSizes));
    assertEquals(await readAll(new FrameStream(receiver)), sent.map((frame) => [...frame]));
  }));
});

Deno.test("FrameStream reads a frame larger than its buffer, and small ones after it", async () => {
  const large = new Uint8Array(300_000).fill(7);
  const sender = new ScriptedConnection([]);
  const writer = new FrameStream(sender);
  await writer.write(large);
  await writer.write(new Uint8Array([1]));
  const frames = await readAll(
    new FrameStream(new ScriptedConnection([Uint8Array.from(sender.written)])),
  );
  assertEquals(frames.map((frame) => frame.length), [300_000, 1]);
});

Deno.test("FrameStream refuses a stream that ends inside a frame, and a length that nobody would send", async () => {
  const read = (...bytes: number[]) =>
    readAll(new FrameStream(new ScriptedConnection([Uint8Array.from(bytes)])));
  await assertRejects(() => read(0, 0, 0, 5, 1, 2), ProtocolError, "ended inside it");
  await assertRejects(() => read(255, 255, 255, 255), ProtocolError, "frame of 4294967295 bytes");
});
