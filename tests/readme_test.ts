import { assertEquals } from "@std/assert";
import { fromFileUrl } from "@std/path";

const ROOT = fromFileUrl(new URL("../", import.meta.url));

Deno.test("the README's example runs as it is written, in at most 20 lines, and prints what the README says", async () => {
  const readme = await Deno.readTextFile(`${ROOT}README.md`);
  const code = /```ts\n([\s\S]*?)```/.exec(readme)?.[1] ?? "";
  assertEquals(code.trim().split("\n").length <= 20, true);
  const claimed = /It prints (\d+)/.exec(readme)?.[1];
  const folder = await Deno.makeTempDir();
  // Into the clone, as the README says; under a name of its own.
  const path = `${ROOT}.hello-${crypto.randomUUID()}.ts`;
  try {
    await Deno.writeTextFile(path, code);
    const run = async () => {
      const { code: exitCode, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
        args: ["run", "-A", "--quiet", "--config", `${ROOT}deno.json`, path],
        cwd: folder,
        env: { NO_COLOR: "1" },
      }).output();
      assertEquals(new TextDecoder().decode(stderr), "");
      assertEquals(exitCode, 0);
      return new TextDecoder().decode(stdout).trim();
    };
    assertEquals(await run(), claimed);
    assertEquals(await run(), claimed);
  } finally {
    await Deno.remove(path);
    await Deno.remove(folder, { recursive: true });
  }
});
