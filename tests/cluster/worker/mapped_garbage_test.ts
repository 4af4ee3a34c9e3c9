import { assertEquals } from "@std/assert";
import { fromFileUrl } from "@std/path";

const PROGRAM = fromFileUrl(new URL("./map_and_collect.ts", import.meta.url));

/** Mappings of the object that a process has left after it read it again and again. */
async function mappingsLeft(flags: readonly string[]): Promise<{ most: number; last: number }> {
  const path = await Deno.makeTempFile();
  try {
    await Deno.truncate(path, 9 * 2 ** 20);
    const args = ["run", "--quiet", "--allow-all", ...flags, PROGRAM, path];
    const { stdout, code } = await new Deno.Command(Deno.execPath(), { args }).output();
    assertEquals(code, 0);
    return JSON.parse(new TextDecoder().decode(stdout));
  } finally {
    await Deno.remove(path);
  }
}

Deno.test({
  name: "an executor lets go of what ended tasks have read, one object after the other",
  ignore: Deno.build.os !== "linux",
  fn: async () => {
    const flags = ["--v8-flags=--expose-gc-as=collectTradewindGarbage"];
    assertEquals(await mappingsLeft(flags), { most: 1, last: 0 });
  },
});

Deno.test({
  name: "collectMapped() does nothing in a process that was started without its collector",
  ignore: Deno.build.os !== "linux",
  fn: async () => {
    assertEquals(await mappingsLeft([]), { most: 6, last: 6 });
  },
});
