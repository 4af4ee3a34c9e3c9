import { assertEquals, assertThrows } from "@std/assert";
import { UserError } from "../../src/base/errors.ts";
import { flow, openRunViews, task } from "../../src/flow/mod.ts";
import { withStore } from "./with_store.ts";

const module = import.meta.url;
const list = task("list", (n: number) => Array.from({ length: n }, (_, i) => ({ i })), {
  run: "local",
  module,
});
const count = task("count", (xs: readonly unknown[]) => xs.length, { run: "local", module });

Deno.test("task runs know whose results they were given, with no declarations", async () => {
  await withStore(async (store) => {
    const f = flow("f", async () => {
      const [a, b] = await Promise.all([list(1), list(2)]);
      await count(a);
      await count([a, b]);
      await count([...b, ...a]);
      return await count(list.submit(3));
    });
    await f.run([], { store, runId: "r" });
    const needs = store.runs.taskRuns("r").map(({ seq, needs }) => [seq, needs]);
    assertEquals(needs.slice(2, 4), [[3, [1]], [4, [1, 2]]]);
    assertEquals(needs.at(-1)![1], [needs.length - 1]);
  });
});

Deno.test("runs are listed the last one first, by flow, state and text, page by page", async () => {
  await withStore(async (store) => {
    const f = flow("f", (x: number) => x);
    const g = flow("g", () => Promise.reject(new Error("no")));
    for (const [i, runId] of ["f1", "f2", "f3"].entries()) {
      await f.run([i + 100], { store, runId });
    }
    await g.run([], { store, runId: "g1" }).catch(() => {});
    using reader = openRunViews(store.path);
    const ids = (filter: Parameters<typeof reader.views.list>[0]) =>
      reader.views.list(filter).map(({ runId }) => runId);
    assertEquals(ids({}), ["g1", "f3", "f2", "f1"]);
    assertEquals(ids({ flowName: "f", limit: 2 }), ["f3", "f2"]);
    assertEquals(ids({ beforeRunId: "f2" }), ["f1"]);
    assertEquals(ids({ states: ["Failed", "Crashed"] }), ["g1"]);
    assertEquals(ids({ text: "101" }), ["f2"]);
    assertEquals(ids({ text: "F3" }), ["f3"]);
    assertEquals(reader.views.listOpen(), []);
    assertEquals(reader.views.find("g1")!.reason, "no");
    assertEquals(reader.views.transitions("nobody"), []);
  });
});

Deno.test("task counts are those of the last execution", async () => {
  await withStore(async (store) => {
    let isBroken = true;
    const f = flow("f", async () => {
      await list(1);
      if (isBroken) throw new Error("broken");
      await list(2);
    });
    await f.run([], { store, runId: "r" }).catch(() => {});
    isBroken = false;
    await f.run([], { store, runId: "r" });
    assertEquals(store.runs.taskCounts("r"), { Cached: 1, Completed: 1 });
    assertEquals(store.runs.taskRuns("r", { after: 1, states: ["Cached"] }).length, 1);
    assertEquals(store.runs.taskRuns("r", { limit: 1 }).length, 1);
  });
});

Deno.test("openRunViews() refuses a store that is not there, and says what makes one", async () => {
  await withStore((_, folder) => {
    const error = assertThrows(() => openRunViews(`${folder}/none.db`), UserError);
    assertEquals(error.hint?.includes("--store"), true);
    return Promise.resolve();
  });
});
