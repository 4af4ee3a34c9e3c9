import { assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { delay } from "@std/async/delay";
import { UserError } from "../../src/base/errors.ts";
import { flow, type FlowStore, latestRun, openFlowStore } from "../../src/flow/mod.ts";
import { withStore } from "./with_store.ts";

const PROGRAM = new URL("./kill_flow.ts", import.meta.url).pathname;
const CONFIG = new URL("../../deno.json", import.meta.url).pathname;
const HANG_AT = 7;

function start(storePath: string, computedPath: string, hangAt: string): Deno.ChildProcess {
  return new Deno.Command(Deno.execPath(), {
    args: [
      "run",
      "-A",
      "--quiet",
      "--no-check",
      "--config",
      CONFIG,
      PROGRAM,
      storePath,
      computedPath,
      hangAt,
    ],
    stdout: "piped",
    stderr: "inherit",
  }).spawn();
}

async function readNumbers(path: string): Promise<number[]> {
  return (await Deno.readTextFile(path)).trimEnd().split("\n").map(Number);
}

Deno.test("a flow killed by SIGKILL goes on under its run id and repeats only what was in flight", async () => {
  await withStore(async (store, folder) => {
    const computedPath = `${folder}/computed.txt`;
    const child = start(store.path, computedPath, String(HANG_AT));
    const reader = child.stdout.getReader();
    assertStringIncludes(new TextDecoder().decode((await reader.read()).value), "hanging");
    await assertRejects(
      () => flow("squares", () => 0).run([], { store, runId: "killed" }),
      UserError,
      `Cannot run killed: process ${child.pid} is executing it`,
    );
    await untilCompleted(store, 19);
    child.kill("SIGKILL");
    await child.status;
    await reader.cancel();
    assertEquals(latestRun(store, "squares", { unfinished: true })?.state, "Running");

    const resumed = start(store.path, computedPath, "none");
    const { stdout, success } = await resumed.output();
    assertEquals(success, true);
    assertEquals(
      JSON.parse(new TextDecoder().decode(stdout)),
      Array.from({ length: 20 }, (_, i) => i * i),
    );
    const computed = await readNumbers(computedPath);
    const expected = Array.from({ length: 20 }, (_, i) => i);
    assertEquals(computed.toSorted((a, b) => a - b), expected);
    assertEquals(computed.at(-1), HANG_AT);
    assertEquals(store.runs.find("killed")!.execution, 2);
    const moves = store.runs.transitions("killed").filter((move) => move.to === "Crashed");
    assertEquals(moves.map((move) => [move.from, move.reason]), [
      ["Running", `process ${child.pid} ended without finishing it`],
      ["Running", `process ${child.pid} ended without finishing it`],
    ]);
  });
});

/** Waits until the child has stored so many results: its second lane goes on while the first one hangs. */
async function untilCompleted(store: FlowStore, count: number): Promise<void> {
  const completed = () => store.runs.taskRuns("killed").filter((run) => run.state === "Completed");
  while (completed().length < count) await delay(2);
}

Deno.test("two processes on one store execute different runs at the same time", async () => {
  await withStore(async (store) => {
    using other = openFlowStore(store.path);
    const both = flow("f", async () => {
      return await flow("f", () => "inner").run([], { store: other, runId: "b" });
    });
    assertEquals(await both.run([], { store, runId: "a" }), "inner");
    assertEquals([store.runs.find("a")!.state, store.runs.find("b")!.state], [
      "Completed",
      "Completed",
    ]);
  });
});
