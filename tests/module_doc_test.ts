import { assertEquals } from "@std/assert";
import { fromFileUrl } from "@std/path";

const ROOT = fromFileUrl(new URL("../", import.meta.url));

/** What each example prints, in their order. */
const PRINTED = [["332833500"], ["385", "1", "2", "3"]];

Deno.test("the examples of mod.ts run as they are written", async () => {
  const module = await Deno.readTextFile(`${ROOT}mod.ts`);
  const blocks = [...module.matchAll(/^ \* ```ts\n([\s\S]*?)^ \* ```/gm)];
  const examples = blocks.map(([, block]) => block.replaceAll(/^ \* ?/gm, ""));
  assertEquals(examples.length, PRINTED.length);
  const folder = await Deno.makeTempDir();
  try {
    for (const [index, example] of examples.entries()) {
      const path = `${folder}/example_${index}.ts`;
      await Deno.writeTextFile(path, example);
      const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
        args: ["run", "-A", "--quiet", "--config", `${ROOT}deno.json`, path],
        cwd: folder,
        env: { NO_COLOR: "1" },
      }).output();
      const decoder = new TextDecoder();
      assertEquals([code, decoder.decode(stderr)], [0, ""]);
      assertEquals(decoder.decode(stdout).trim().split("\n"), PRINTED[index]);
    }
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});
