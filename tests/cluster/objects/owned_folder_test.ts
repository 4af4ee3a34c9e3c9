import { assertEquals } from "@std/assert";
import { dirname } from "@std/path";
import { makeOwnedFolder } from "../../../cluster/objects/owned_folder.ts";

function exists(path: string): boolean {
  try {
    return Deno.statSync(path).isDirectory;
  } catch {
    return false;
  }
}

Deno.test("makeOwnedFolder() removes the folder of a process that was killed, and leaves those of living ones", async () => {
  const module = new URL("../../../cluster/objects/owned_folder.ts", import.meta.url).href;
  const child = new Deno.Command(Deno.execPath(), {
    args: [
      "eval",
      `const { path } = (await import(${
        JSON.stringify(module)
      })).makeOwnedFolder("tradewind-test-");
       console.log(path); await new Promise((resolve) => setTimeout(resolve, 60_000));`,
    ],
    stdout: "piped",
  }).spawn();
  const output = child.stdout.pipeThrough(new TextDecoderStream()).getReader();
  const killed = (await output.read()).value?.trim() ?? "";
  const mine = makeOwnedFolder("tradewind-test-");
  assertEquals([dirname(killed) === dirname(mine.path), exists(killed)], [true, true]);
  child.kill("SIGKILL");
  await child.status;
  await output.cancel();
  const next = makeOwnedFolder("tradewind-test-");
  assertEquals([exists(killed), exists(mine.path)], [false, true]);
  mine[Symbol.dispose]();
  next[Symbol.dispose]();
  assertEquals([exists(mine.path), exists(next.path)], [false, false]);
});
