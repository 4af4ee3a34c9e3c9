import { assert, assertEquals, assertLess } from "@std/assert";
import { join } from "@std/path";
import { ROOT } from "../../../structure/sources.ts";

const ASSETS = join(ROOT, "cluster/head/dashboard/assets");
const MAX_PAGE_BYTES = 300_000;

Deno.test("the page that is served is what its source makes: deno task dashboard:bundle", async () => {
  const { tasks } = JSON.parse(await Deno.readTextFile(join(ROOT, "deno.json")));
  const committed = join(ASSETS, "app.js");
  const folder = await Deno.makeTempDir();
  try {
    const fresh = join(folder, "app.js");
    const [program, ...args] = (tasks["dashboard:bundle"] as string).split(" ");
    assertEquals(program, "deno");
    const at = args.indexOf("-o");
    const { code, stderr } = await new Deno.Command(Deno.execPath(), {
      args: [...args.slice(0, at + 1), fresh, ...args.slice(at + 2)],
      cwd: ROOT,
    }).output();
    assertEquals(code, 0, new TextDecoder().decode(stderr));
    assert(
      await Deno.readTextFile(fresh) === await Deno.readTextFile(committed),
      `${committed} is not what its source makes: run deno task dashboard:bundle`,
    );
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("the whole page is below 300 kB, and asks nobody else for anything", async () => {
  let bytes = 0;
  for await (const { name } of Deno.readDir(ASSETS)) {
    const text = await Deno.readTextFile(join(ASSETS, name));
    bytes += new TextEncoder().encode(text).length;
    const addresses = [...text.matchAll(/(?:src|href|url)\s*[=(]\s*["']?(https?:[^"')]+)/g)];
    assertEquals(addresses.map(([, address]) => address), [], name);
  }
  assertLess(bytes, MAX_PAGE_BYTES);
});
