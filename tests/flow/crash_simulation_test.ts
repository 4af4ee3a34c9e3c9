import { assert, assertEquals } from "@std/assert";
import { DatabaseSync } from "node:sqlite";
import { flow, openFlowStore, task } from "../../src/flow/mod.ts";
import { withStore } from "./with_store.ts";

const module = import.meta.url;

Deno.test("after a crash at any commit a resume repeats exactly what was not committed", async () => {
  await withStore(async (store, folder) => {
    let calls: number[] = [];
    const step = task("step", (i: number) => {
      calls.push(i);
      return { i };
    }, { run: "local", module, concurrency: 2 });
    const inner = flow("inner", (is: number[]) => step.map(is), { module });
    const outer = flow("outer", async () => {
      const first = await step(0);
      const more = await inner([1, 2, 3]);
      return [first, ...more, await step(4)].map(({ i }) => i);
    });

    // What a crash after each transition would leave on the disk.
    const crashes: string[] = [];
    const exec = DatabaseSync.prototype.exec;
    DatabaseSync.prototype.exec = function (sql: string) {
      exec.call(this, sql);
      if (sql !== "COMMIT" || store.runs.find("r") === undefined) return;
      const path = `${folder}/crash${crashes.length}.sqlite`;
      exec.call(this, `VACUUM INTO '${path}'`);
      crashes.push(path);
    };
    try {
      assertEquals(await outer.run([], { store, runId: "r" }), [0, 1, 2, 3, 4]);
    } finally {
      DatabaseSync.prototype.exec = exec;
    }
    assert(crashes.length > 10);

    for (const path of crashes) {
      using crashed = openFlowStore(path);
      if (crashed.runs.find("r")!.state === "Completed") continue;
      const committed = new Set<number>();
      for (const { runId } of crashed.runs.list()) {
        for (const run of crashed.runs.taskRuns(runId, { states: ["Completed"] })) {
          committed.add(Number(run.arguments));
        }
      }
      calls = [];
      assertEquals(await outer.run([], { store: crashed, runId: "r" }), [0, 1, 2, 3, 4]);
      const missing = [0, 1, 2, 3, 4].filter((i) => !committed.has(i));
      assertEquals(calls.toSorted(), missing, path);
      const open = crashed.runs.listOpen().map(({ runId }) => runId);
      assertEquals(open, [], path);
    }
  });
});
