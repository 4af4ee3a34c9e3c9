import { assertEquals, assertRejects } from "@std/assert";
import { replaceFileAtomic, writeFileAtomic } from "../../src/base/atomic_file.ts";

Deno.test("writeFileAtomic() makes folders, replaces whole files and leaves no temporary file", async () => {
  const folder = await Deno.makeTempDir();
  await writeFileAtomic(`${folder}/a/b.json`, "first, and longer");
  await writeFileAtomic(`${folder}/a/b.json`, "second");
  assertEquals(await Deno.readTextFile(`${folder}/a/b.json`), "second");
  assertEquals([...Deno.readDirSync(`${folder}/a`)].map(({ name }) => name), ["b.json"]);
  await Deno.remove(folder, { recursive: true });
});

Deno.test("replaceFileAtomic() keeps the old file when writing fails", async () => {
  const folder = await Deno.makeTempDir();
  await writeFileAtomic(`${folder}/x.parquet`, "old");
  await assertRejects(
    () =>
      replaceFileAtomic(`${folder}/x.parquet`, async (path) => {
        assertEquals(path.endsWith(".parquet"), true);
        await Deno.writeTextFile(path, "half");
        throw new Error("disk full");
      }),
    Error,
    "disk full",
  );
  assertEquals(await Deno.readTextFile(`${folder}/x.parquet`), "old");
  assertEquals([...Deno.readDirSync(folder)].length, 1);
  await Deno.remove(folder, { recursive: true });
});
