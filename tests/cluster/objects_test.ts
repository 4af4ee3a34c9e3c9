import { assertEquals, assertRejects, assertThrows } from "@std/assert";
import { sha256Hex } from "../../src/base/hash.ts";
import { ObjectFiles } from "../../cluster/objects/object_files.ts";

const CONTENT = new TextEncoder().encode("returns of 1990");

async function withFolder(test: (files: ObjectFiles) => Promise<void>): Promise<void> {
  const folder = await Deno.makeTempDir();
  try {
    await test(new ObjectFiles(`${folder}/objects`));
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

Deno.test("ObjectFiles keeps bytes under their SHA-256", () =>
  withFolder(async (files) => {
    const objectId = sha256Hex(CONTENT);
    assertEquals(await files.sizeBytes(objectId), undefined);
    assertEquals(await files.write(objectId, new Blob([CONTENT]).stream(), 1000), CONTENT.length);
    assertEquals(await files.sizeBytes(objectId), CONTENT.length);
    assertEquals(await Deno.readFile(files.path(objectId)), CONTENT);
  }));

Deno.test("ObjectFiles refuses bytes with another hash, or too many, and keeps nothing of them", () =>
  withFolder(async (files) => {
    const other = sha256Hex("something else");
    const stream = () => new Blob([CONTENT]).stream();
    await assertRejects(
      () => files.write(other, stream(), 1000),
      RangeError,
      "its bytes have the hash",
    );
    await assertRejects(
      () => files.write(sha256Hex(CONTENT), stream(), 5),
      RangeError,
      "more than 5 bytes",
    );
    assertEquals([...Deno.readDirSync(files.folder)], []);
  }));

Deno.test("ObjectFiles makes no path of what is not an object id", () =>
  withFolder((files) => {
    for (const id of ["", "../token", "A".repeat(64), `${"a".repeat(64)}/..`, "a".repeat(63)]) {
      assertThrows(() => files.path(id), RangeError, "Cannot name an object");
    }
    return Promise.resolve();
  }));
