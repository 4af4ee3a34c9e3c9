import { assertEquals, assertRejects } from "@std/assert";
import { MemoryFullError, NewFile } from "../../../cluster/objects/memory_files.ts";

async function written(parts: readonly Uint8Array<ArrayBuffer>[]): Promise<Uint8Array> {
  const path = await Deno.makeTempFile();
  try {
    {
      using file = new NewFile(path);
      file.writeSync(new Uint8Array([255]));
      await file.writeAll(parts);
    }
    return await Deno.readFile(path);
  } finally {
    await Deno.remove(path);
  }
}

Deno.test("NewFile.writeAll() writes any number of parts one after the other, behind what is there", async () => {
  const parts = Array.from({ length: 2_500 }, (_, i) => new Uint8Array(i % 7).fill(i % 251));
  const expected = [255, ...parts.flatMap((part) => [...part])];
  assertEquals(await written(parts), new Uint8Array(expected));
  assertEquals(await written([]), new Uint8Array([255]));
  assertEquals(await written([new Uint8Array(0)]), new Uint8Array([255]));
});

Deno.test("NewFile.writeAll() writes the bytes of a view, not those of the buffer behind it", async () => {
  const buffer = Uint8Array.from({ length: 100 }, (_, i) => i);
  const parts = [buffer.subarray(10, 13), buffer.subarray(50, 52)];
  assertEquals(await written(parts), new Uint8Array([255, 10, 11, 12, 50, 51]));
});

Deno.test({
  name: "NewFile.writeAll() says when nothing more can be written",
  ignore: Deno.build.os !== "linux",
  fn: async () => {
    using file = new NewFile("/dev/full");
    await assertRejects(() => file.writeAll([new Uint8Array(10)]), MemoryFullError);
  },
});
