import { assert, assertEquals, assertRejects, assertThrows } from "@std/assert";
import { UserError } from "../../src/base/errors.ts";
import {
  approval,
  ApprovalRejectedError,
  AttemptTimedOutError,
  flow,
  FlowCancelledError,
  type FlowStore,
  openFlowStore,
  task,
} from "../../src/flow/mod.ts";
import { square } from "./cluster_tasks.ts";
import { FakeCluster } from "./fake_cluster.ts";
import { ManualClock } from "./manual_clock.ts";
import { withStore } from "./with_store.ts";

/** Resolves when a run is in a state. */
async function untilState(store: FlowStore, runId: string, state: string): Promise<void> {
  while (store.runs.find(runId)?.state !== state) {
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
}

function flowMoves(store: FlowStore, runId: string): string[] {
  return store.runs.transitions(runId).filter(({ taskSeq }) => taskSeq === null).map(({ to }) =>
    to
  );
}

Deno.test("a request of another process cancels a run: it is stored, and its tasks are stopped", async () => {
  await withStore(async (store) => {
    const cluster = new FakeCluster();
    cluster.hanging.add("square");
    const options = { store, runId: "r", cluster: cluster.connect };
    const run = assertRejects(
      () => flow("f", () => square(1)).run([], options),
      FlowCancelledError,
      "Run r was cancelled: not needed",
    );
    await cluster.submitted(1);
    using other = openFlowStore(store.path);
    other.control.request("r", { type: "cancel", reason: "not needed" });
    await run;
    assertEquals(flowMoves(store, "r"), ["Pending", "Running", "Cancelling", "Cancelled"]);
    assertEquals(cluster.cancelled.length, 1);
  });
});

Deno.test("a paused run starts nothing new until it is resumed; what runs goes on", async () => {
  await withStore(async (store) => {
    const started: number[] = [];
    const gates = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
    const step = task("step", async (i: number) => {
      started.push(i);
      await gates[i]!.promise;
    }, { run: "local" });
    const run = flow("f", async () => {
      await step(0);
      await step(1);
    }).run([], { store, runId: "r" });
    while (started.length === 0) await Promise.resolve();
    store.control.request("r", { type: "pause", reason: "maintenance" });
    await untilState(store, "r", "Paused");
    assertEquals(store.runs.find("r")!.reason, "maintenance");
    gates[0]!.resolve();
    while (store.runs.taskRuns("r")[1]?.state !== "Scheduled") {
      await new Promise((resolve) => setTimeout(resolve, 1));
    }
    assertEquals(started, [0]);
    assertEquals(store.runs.taskRuns("r")[1]!.reason, "the run is paused");
    store.control.request("r", { type: "resume", reason: "" });
    gates[1]!.resolve();
    await run;
    assertEquals(flowMoves(store, "r"), ["Pending", "Running", "Paused", "Running", "Completed"]);
  });
});

Deno.test("a paused run can be cancelled", async () => {
  await withStore(async (store) => {
    const run = assertRejects(
      () => flow("f", () => approval("go")).run([], { store, runId: "r" }),
      FlowCancelledError,
    );
    await untilState(store, "r", "Paused");
    store.control.request("r", { type: "cancel", reason: "" });
    await run;
    assertEquals(flowMoves(store, "r").slice(2), ["Paused", "Cancelling", "Cancelled"]);
  });
});

Deno.test("approval() pauses the run until somebody approves, and gives their note", async () => {
  await withStore(async (store) => {
    const f = flow("f", () => approval("trade", { prompt: "Trade 3 orders?" }));
    const run = f.run([], { store, runId: "r" });
    await untilState(store, "r", "Paused");
    assertEquals(store.runs.find("r")!.reason, "waits for the approval trade: Trade 3 orders?");
    assertThrows(
      () => store.control.decide("r", "other", "approved", "", 0),
      UserError,
      "not asked",
    );
    store.control.decide("r", "trade", "approved", "fine", 7);
    assertEquals(await run, "fine");
    assertThrows(
      () => store.control.decide("r", "trade", "rejected", "", 8),
      UserError,
      "approved",
    );
    assertEquals(
      store.runs.approvals("r").map((
        { name, decision, decidedAtMs },
      ) => [name, decision, decidedAtMs]),
      [
        ["trade", "approved", 7],
      ],
    );
  });
});

Deno.test("a rejected approval fails the run, and so does one that nobody decides on in time", async () => {
  await withStore(async (store) => {
    const clock = new ManualClock();
    const f = flow("f", () => approval("go", { timeoutMs: 500 }));
    const rejected = assertRejects(
      () => f.run([], { store, runId: "a", clock }),
      ApprovalRejectedError,
      "go was rejected: too risky",
    );
    await untilState(store, "a", "Paused");
    store.control.decide("a", "go", "rejected", "too risky", 0);
    await rejected;
    const late = assertRejects(() => f.run([], { store, runId: "b", clock }), AttemptTimedOutError);
    await untilState(store, "b", "Paused");
    clock.advance(500);
    await late;
    assertEquals([store.runs.find("a")!.state, store.runs.find("b")!.state], [
      "Failed",
      "TimedOut",
    ]);
  });
});

Deno.test("what was decided while no process executed the run is not asked again", async () => {
  await withStore(async (store) => {
    const f = flow("f", () => approval("go"));
    const stop = new AbortController();
    const first = assertRejects(() => f.run([], { store, runId: "r", signal: stop.signal }));
    await untilState(store, "r", "Paused");
    stop.abort();
    await first;
    store.control.decide("r", "go", "approved", "later", 0);
    assertEquals(await f.run([], { store, runId: "r" }), "later");
  });
});

Deno.test("approval() outside of a run says that there is nothing to pause", async () => {
  await assertRejects(() => approval("go"), Error, "there is no flow run");
});

Deno.test("a limit on a tag holds over tasks and runs, and says for what a task waits", async () => {
  await withStore(async (store) => {
    store.limits.set("db", { maxRunning: 2 });
    using other = openFlowStore(store.path);
    let running = 0;
    let most = 0;
    const query = task("query", async (_: number) => {
      most = Math.max(most, ++running);
      await new Promise((resolve) => setTimeout(resolve, 1));
      running--;
    }, { run: "local", tags: ["db"] });
    const f = flow("f", () => query.map([1, 2, 3, 4, 5]));
    await Promise.all([
      f.run([], { store, runId: "a" }),
      f.run([], { store: other, runId: "b" }),
    ]);
    assertEquals(most, 2);
    const reasons = [...store.runs.transitions("a"), ...store.runs.transitions("b")]
      .filter(({ to }) => to === "Scheduled").map(({ reason }) => reason);
    assert(reasons.includes("waits for a place under the limit db: 2 of 2 run"));
    assert(store.runs.taskRuns("a").every(({ state }) => state === "Completed"));
  });
});

Deno.test("a limit does not count what a dead process left running", async () => {
  await withStore(async (store) => {
    store.limits.set("db", { maxRunning: 1 });
    store.limits.set("flow:f", { maxRunning: 1 });
    const t = task("t", () => 1, { run: "local", tags: ["db"] });
    const f = flow("f", () => t());
    const claim = {
      deployment: undefined,
      runId: "dead",
      flowName: "f",
      parentRunId: undefined,
      parameters: "",
      ownerPid: 1,
      nowMs: 0,
    };
    const unknown = { arguments: undefined, module: undefined, exportName: undefined };
    const claimed = store.registry.claim({ ...claim, ...unknown });
    assert("run" in claimed);
    const identity = { seq: 1, taskName: "t", arguments: "", needs: [], cacheKey: undefined };
    claimed.createTaskRun({ ...identity, tags: ["db"] }, 0);
    const pending = { kind: "task", state: "Pending", attempt: 0 } as const;
    const running = { kind: "task", state: "Running", attempt: 1 } as const;
    assertEquals(
      claimed.tryStartTaskRun({ seq: 1, tags: ["db"] }, pending, running, "", 0),
      undefined,
    );
    claimed.release();
    assertEquals(store.runs.find("dead")!.state, "Running");
    assertEquals(await f.run([], { store, runId: "alive" }), 1);
    assertEquals(store.registry.crashDead(5), ["dead"]);
    assertEquals(store.runs.taskRuns("dead")[0]!.state, "Crashed");
  });
});

Deno.test("a limit on a rate lets so many start within its time, by the run's clock", async () => {
  await withStore(async (store) => {
    store.limits.set("api", { starts: 2, perMs: 1000 });
    const clock = new ManualClock();
    const beginning = clock.nowMs();
    const startedAt: number[] = [];
    const call = task("call", (_: number) => void startedAt.push(clock.nowMs() - beginning), {
      run: "local",
      tags: ["api"],
    });
    const run = flow("f", () => call.map([1, 2, 3, 4, 5])).run([], { store, runId: "r", clock });
    let isDone = false;
    run.then(() => isDone = true);
    while (!isDone) {
      await new Promise((resolve) => setTimeout(resolve, 0));
      if (clock.waiting > 0) clock.advance(500);
    }
    assertEquals(startedAt, [0, 0, 1000, 1000, 2000]);
  });
});

Deno.test("a limit on a flow has its runs wait as Scheduled, in which they can be cancelled", async () => {
  await withStore(async (store) => {
    store.limits.set("flow:f", { maxRunning: 1 });
    const gate = Promise.withResolvers<void>();
    const f = flow("f", () => gate.promise);
    const first = f.run([], { store, runId: "a" });
    const second = f.run([], { store, runId: "b" });
    const stop = new AbortController();
    const third = assertRejects(() => f.run([], { store, runId: "c", signal: stop.signal }));
    await untilState(store, "b", "Scheduled");
    assertEquals(
      store.runs.find("b")!.reason,
      "waits for a place under the limit flow:f: 1 of 1 run",
    );
    stop.abort();
    await third;
    gate.resolve();
    await Promise.all([first, second]);
    assertEquals(flowMoves(store, "b"), [
      "Pending",
      "Scheduled",
      "Pending",
      "Running",
      "Completed",
    ]);
    assertEquals(flowMoves(store, "c"), ["Pending", "Scheduled", "Cancelled"]);
  });
});

Deno.test("limits are listed and taken away, and refuse what makes no sense", async () => {
  await withStore((store) => {
    store.limits.set("db", { maxRunning: 2 });
    assertEquals([...store.limits.list().keys()], ["db"]);
    assertEquals([store.limits.remove("db"), store.limits.remove("db")], [true, false]);
    assertThrows(() => store.limits.set("db", { maxRunning: 0 }), RangeError, "to 0");
    assertThrows(() => store.limits.set("db", { starts: 3 }), RangeError, "together");
    return Promise.resolve();
  });
});
