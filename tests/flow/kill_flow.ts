// A program for resume_test.ts: runs a flow of twenty tasks, each of which writes its number into a file when it is
// computed. Given a task to hang in, it says so on its standard output and waits there to be killed.
import { flow, openFlowStore, task } from "../../src/flow/mod.ts";

const [storePath, computedPath, hangAt] = Deno.args as [string, string, string];

const compute = task("compute", async (x: number) => {
  if (x === Number(hangAt)) {
    await Deno.stdout.write(new TextEncoder().encode("hanging\n"));
    await new Promise((resolve) => setTimeout(resolve, 60_000));
  }
  await Deno.writeTextFile(computedPath, `${x}\n`, { append: true });
  return x * x;
}, { run: "local", module: import.meta.url, concurrency: 2 });

const squares = flow("squares", () => compute.map(Array.from({ length: 20 }, (_, i) => i)));

using store = openFlowStore(storePath);
const result = await squares.run([], { store, runId: "killed" });
await Deno.stdout.write(new TextEncoder().encode(JSON.stringify(result)));
