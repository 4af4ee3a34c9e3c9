import { assertEquals } from "@std/assert";
import { dirname } from "@std/path";
import { makeStateDir } from "../../../cluster/client/state_dir.ts";

function exists(path: string): boolean {
  try {
    return Deno.statSync(path).isDirectory;
  } catch {
    return false;
  }
}

Deno.test("makeStateDir() removes the folder of a process that was killed, and leaves those of living ones", async () => {
  const module = new URL("../../../cluster/client/state_dir.ts", import.meta.url).href;
  const child = new Deno.Command(Deno.execPath(), {
    args: [
      "eval",
      `const { path } = await (await import(${JSON.stringify(module)})).makeStateDir();
       console.log(path); await new Promise((resolve) => setTimeout(resolve, 60_000));`,
    ],
    stdout: "piped",
  }).spawn();
  const output = child.stdout.pipeThrough(new TextDecoderStream()).getReader();
  const killed = (await output.read()).value?.trim() ?? "";
  const mine = await makeStateDir();
  assertEquals([dirname(killed) === dirname(mine.path), exists(killed)], [true, true]);
  child.kill("SIGKILL");
  await child.status;
  await output.cancel();
  const next = await makeStateDir();
  assertEquals([exists(killed), exists(mine.path)], [false, true]);
  await mine[Symbol.asyncDispose]();
  await next[Symbol.asyncDispose]();
  assertEquals([exists(mine.path), exists(next.path)], [false, false]);
});
