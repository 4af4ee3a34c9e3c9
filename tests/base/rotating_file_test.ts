import { assertEquals } from "@std/assert";
import { RotatingFile } from "../../src/base/rotating_file.ts";

Deno.test("RotatingFile keeps the newest lines in a bounded number of files, and goes on with one that is there", async () => {
  const folder = await Deno.makeTempDir();
  const path = `${folder}/new/log.jsonl`;
  const contents = async () => {
    const names = await Array.fromAsync(Deno.readDir(`${folder}/new`), ({ name }) => name);
    const entries = names.sort().map((
      name,
    ) => [name, Deno.readTextFileSync(`${folder}/new/${name}`)]);
    return Object.fromEntries(entries);
  };
  const file = new RotatingFile(path, 6, 2);
  for (const line of ["one\n", "two\n", "three\n"]) file.append(line);
  assertEquals(await contents(), { "log.jsonl": "three\n", "log.jsonl.1": "one\ntwo\n" });
  const again = new RotatingFile(path, 6, 2);
  for (const line of ["four45\n", "five56\n", "six\n"]) again.append(line);
  assertEquals(await contents(), {
    "log.jsonl": "six\n",
    "log.jsonl.1": "five56\n",
    "log.jsonl.2": "four45\n",
  });
  Deno.writeTextFileSync(path, "cut");
  new RotatingFile(path, 60, 0).append("whole\n");
  assertEquals((await contents())["log.jsonl"], "cut\nwhole\n");
  await Deno.remove(folder, { recursive: true });
});
