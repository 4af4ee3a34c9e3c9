import { assertEquals, assertMatch, assertRejects } from "@std/assert";
import { z } from "zod";
import { UserError } from "../../src/base/errors.ts";
import { flow, FlowCancelledError, type FlowStore, runLog, task } from "../../src/flow/mod.ts";
import { FakeCluster } from "./fake_cluster.ts";
import { square } from "./cluster_tasks.ts";
import { withStore } from "./with_store.ts";

const module = import.meta.url;

/** What is stored of the children of a run. */
function childrenOf(store: FlowStore, parentRunId: string) {
  return store.runs.list({ parentRunId }).map(({ runId, state }) => [runId, state]).reverse();
}

Deno.test("a flow called inside of a run is a run of its own, with the parent's cluster", async () => {
  await withStore(async (store) => {
    const cluster = new FakeCluster();
    const events: string[] = [];
    const inner = flow("inner", async (x: number) => await square(x));
    const outer = flow("outer", async () => await inner(2) + await inner(3) + await square(1));
    const result = await outer.run([], {
      store,
      runId: "r",
      cluster: cluster.connect,
      onEvent: (event) => events.push(`${event.runId.slice(0, 7)} ${event.type}`),
    });
    assertEquals([result, cluster.starts], [14, 1]);
    const children = store.runs.list({ parentRunId: "r" });
    assertEquals(children.map(({ flowName, state, parameters }) => [flowName, state, parameters]), [
      ["inner", "Completed", "3"],
      ["inner", "Completed", "2"],
    ]);
    for (const { runId } of children) {
      assertMatch(runId, /^r-inner-[0-9a-f]{8}$/);
      assertEquals(store.runs.taskRuns(runId).map((run) => run.taskName), ["square"]);
    }
    assertEquals(store.runs.taskRuns("r").length, 1);
    assertEquals(events.filter((event) => event.endsWith("FlowRunFinished")), [
      "r-inner FlowRunFinished",
      "r-inner FlowRunFinished",
      "r FlowRunFinished",
    ]);
  });
});

Deno.test("equal calls of a flow are children with numbers, a label names one", async () => {
  await withStore(async (store) => {
    const inner = flow("inner", (x: number) => x);
    const outer = flow("outer", async () => {
      await Promise.all([inner(1), inner(1)]);
      return await inner.labelled("core")(1);
    });
    await outer.run([], { store, runId: "r" });
    const ids = store.runs.list({ parentRunId: "r" }).map(({ runId }) => runId);
    assertEquals(ids[0], "r-core");
    assertEquals(ids[1], `${ids[2]}-2`);
    const twice = flow("twice", async () => {
      await inner.labelled("core")(1);
      await inner.labelled("core")(2);
    });
    await assertRejects(() => twice.run([], { store, runId: "t" }), Error, "give another label");
  });
});

Deno.test("a resumed parent takes the kept result of a completed child, and goes on with the others", async () => {
  await withStore(async (store) => {
    let isBroken = true;
    const calls: string[] = [];
    const inner = flow("inner", (name: string) => {
      calls.push(name);
      if (name === "b" && isBroken) throw new Error("broken");
      return { name };
    }, { module });
    const outer = flow("outer", async () => [await inner("a"), await inner("b")]);
    await assertRejects(() => outer.run([], { store, runId: "r" }), Error, "broken");
    assertEquals(childrenOf(store, "r").map(([, state]) => state), ["Completed", "Failed"]);
    isBroken = false;
    assertEquals(await outer.run([], { store, runId: "r" }), [{ name: "a" }, { name: "b" }]);
    assertEquals(calls, ["a", "b", "b"]);
    assertEquals(childrenOf(store, "r").map(([, state]) => state), ["Completed", "Completed"]);
  });
});

Deno.test("a completed child whose result is not kept is executed again, as another run", async () => {
  await withStore(async (store) => {
    let isBroken = true;
    const inner = flow("inner", () => 1);
    const outer = flow("outer", async () => {
      const one = await inner.labelled("one")();
      if (isBroken) throw new Error("broken");
      return one;
    });
    await assertRejects(() => outer.run([], { store, runId: "r" }));
    isBroken = false;
    assertEquals(await outer.run([], { store, runId: "r" }), 1);
    assertEquals(childrenOf(store, "r"), [["r-one", "Completed"], ["r-one-x2", "Completed"]]);
  });
});

Deno.test("a parent that is cancelled cancels its children, and their tasks", async () => {
  await withStore(async (store) => {
    const cluster = new FakeCluster();
    cluster.hanging.add("square");
    const stop = new AbortController();
    const inner = flow("inner", () => square(1));
    const run = flow("outer", () => inner()).run([], {
      store,
      runId: "r",
      cluster: cluster.connect,
      signal: stop.signal,
    });
    const cancelled = assertRejects(() => run, FlowCancelledError);
    await cluster.submitted(1);
    stop.abort("enough");
    await cancelled;
    assertEquals(store.runs.find("r")!.state, "Cancelled");
    const [child] = store.runs.list({ parentRunId: "r" });
    assertEquals([child!.state, child!.reason], ["Cancelled", "Run r was cancelled: enough"]);
    assertEquals(store.runs.taskRuns(child!.runId)[0]!.state, "Cancelled");
  });
});

Deno.test("a child whose sibling failed is cancelled, and the parent fails with the sibling's error", async () => {
  await withStore(async (store) => {
    const cluster = new FakeCluster();
    cluster.hanging.add("square");
    const hangs = flow("hangs", () => square(1));
    const fails = flow("fails", async () => {
      await cluster.submitted(1);
      throw new Error("sibling");
    });
    const outer = flow("outer", () => Promise.all([hangs(), fails()]));
    const options = { store, runId: "r", cluster: cluster.connect };
    await assertRejects(() => outer.run([], options), Error, "sibling");
    assertEquals(store.runs.find("r")!.state, "Failed");
    assertEquals(childrenOf(store, "r").map(([, state]) => state), ["Cancelled", "Failed"]);
  });
});

Deno.test("arguments that do not fit are refused before there is a run, and say where", async () => {
  await withStore(async (store) => {
    const parameters = [
      z.object({ days: z.int().min(1), label: z.string().default("all") }),
    ] as const;
    const f = flow("f", (given: { days: number; label?: string }) => given, { parameters });
    const error = await assertRejects(
      () => f.run([{ days: 0 }], { store, runId: "r" }),
      UserError,
      "Cannot run flow f: argument 1.days:",
    );
    assertEquals(error.code, "flow/bad-arguments");
    assertEquals(store.runs.find("r"), undefined);
    assertEquals(await f.run([{ days: 3 }], { store, runId: "r" }), { days: 3, label: "all" });
    const t = task("t", (x: number) => x, { run: "local", parameters: [z.number().max(2)] });
    const calling = flow("g", () => t(3)).run([], { store, runId: "g" });
    await assertRejects(() => calling, UserError, "Cannot run task t: argument 1:");
  });
});

Deno.test("a flow that fails is executed again as often as it says; each of its executions is stored", async () => {
  await withStore(async (store) => {
    let calls = 0;
    const double = task("double", (x: number) => 2 * x, { run: "local", module });
    const f = flow("f", async () => {
      const doubled = await double(21);
      if (++calls < 3) throw new Error(`failure ${calls}`);
      return doubled;
    }, { retries: 2, retryBaseDelayMs: 1 });
    assertEquals(await f.run([], { store, runId: "r" }), 42);
    assertEquals(store.runs.taskRuns("r").map(({ state }) => state), [
      "Completed",
      "Cached",
      "Cached",
    ]);
    const moves = store.runs.transitions("r").filter(({ taskSeq }) => taskSeq === null);
    assertEquals(moves.map(({ to }) => to), [
      "Pending",
      "Running",
      "Retrying",
      "Running",
      "Retrying",
      "Running",
      "Completed",
    ]);
    assertMatch(moves[2]!.reason, /^failure 1; tried again in \d+ ms$/);
  });
});

Deno.test("a flow that takes too long is TimedOut, and its tasks are cancelled", async () => {
  await withStore(async (store) => {
    const cluster = new FakeCluster();
    cluster.hanging.add("square");
    const f = flow("f", () => square(1), { timeoutMs: 5 });
    const options = { store, runId: "r", cluster: cluster.connect };
    await assertRejects(() => f.run([], options), Error, "it took longer than 5 ms");
    assertEquals(store.runs.find("r")!.state, "TimedOut");
    assertEquals(store.runs.taskRuns("r")[0]!.state, "Cancelled");
  });
});

Deno.test("hooks are told of a state after it is stored; one that throws is a line in the log", async () => {
  await withStore(async (store) => {
    const told: string[] = [];
    const t = task("t", () => 1, {
      run: "local",
      onState: {
        Completed: ({ kind, task, taskSeq, from, to }) => {
          told.push(`${kind} ${task} ${taskSeq} ${from} ${to}`);
        },
      },
    });
    const f = flow("f", () => t(), {
      onState: {
        Completed: [
          ({ runId }) => void told.push(`flow ${store.runs.find(runId)!.state}`),
          () => Promise.reject(new Error("hook")),
        ],
      },
    });
    assertEquals(await f.run([], { store, runId: "r" }), 1);
    assertEquals(told, ["task t 1 Running Completed", "flow Completed"]);
    assertEquals(store.runs.logs("r").map(({ level, message }) => [level, message]), [
      ["error", "The hook on Completed failed: hook"],
    ]);
  });
});

Deno.test("refresh computes again what is in the cache, all of it or what is named", async () => {
  await withStore(async (store) => {
    const calls: string[] = [];
    const count = (name: string) => task(name, () => calls.push(name), { run: "local", module });
    const [a, b] = [count("a"), count("b")];
    const f = flow("f", async () => [await a(), await b()]);
    await f.run([], { store, runId: "1" });
    await f.run([], { store, runId: "2", refresh: ["b"] });
    await f.run([], { store, runId: "3", refresh: true });
    await f.run([], { store, runId: "4" });
    assertEquals(calls, ["a", "b", "b", "a", "b"]);
  });
});

Deno.test("a cached result that is older than its task allows is computed again", async () => {
  await withStore(async (store) => {
    let nowMs = 1000;
    const clock = { nowMs: () => nowMs, after: () => () => {} };
    let calls = 0;
    const t = task("t", () => ++calls, { run: "local", module, cacheForMs: 100 });
    const f = flow("f", () => t());
    assertEquals(await f.run([], { store, runId: "1", clock }), 1);
    nowMs += 99;
    assertEquals(await f.run([], { store, runId: "2", clock }), 1);
    nowMs += 1;
    assertEquals(await f.run([], { store, runId: "3", clock }), 2);
    const reasons = store.runs.transitions("3").map(({ reason }) => reason);
    assertEquals(reasons.includes("the cached result is too old"), true);
  });
});

Deno.test("runLog() writes lines with their task, and nothing outside of a run", async () => {
  await withStore(async (store) => {
    runLog("nowhere");
    const t = task("t", () => runLog("inside", "warning"), { run: "local" });
    const f = flow("f", async () => {
      runLog("begin");
      await t();
    });
    await f.run([], { store, runId: "r" });
    assertEquals(
      store.runs.logs("r").map(({ n, taskSeq, level, message }) => [n, taskSeq, level, message]),
      [
        [1, null, "info", "begin"],
        [2, 1, "warning", "inside"],
      ],
    );
    assertEquals(store.runs.logs("r", { after: 1 }).length, 1);
  });
});
