import { assertEquals, assertStringIncludes } from "@std/assert";
import type { TaskRecord, TaskSpec } from "../../../cluster/scheduler/types.ts";
import { ofType, Scenario, startsIn, taskSpec } from "./scenario.ts";

/** A task that the newest attempt of `parentId` submits. */
function childOf(
  run: Scenario,
  parentId: string,
  taskId: string,
  changes: Partial<TaskSpec> & { isDetached?: boolean } = {},
): TaskSpec {
  const { isDetached = false, ...rest } = changes;
  const { attemptId } = run.attempt(parentId);
  return taskSpec(taskId, {
    clientId: `attempt-${attemptId}`,
    parent: { taskId: parentId, attemptId, isDetached },
    ...rest,
  });
}

function block(run: Scenario, taskId: string): string[] {
  const { workerId, attemptId } = run.attempt(taskId);
  return startsIn(run.send({ type: "AttemptBlocked", workerId, taskId, attemptId }));
}

function resume(run: Scenario, taskId: string): string[] {
  const { workerId, attemptId } = run.attempt(taskId);
  return startsIn(run.send({ type: "AttemptResumed", workerId, taskId, attemptId }));
}

/** One worker with one cpu that runs `parent`. */
function withParent(): Scenario {
  const run = new Scenario();
  run.join("w");
  run.submit(taskSpec("parent"));
  run.started("parent");
  return run;
}

Deno.test("a blocked attempt gives its resources to others, and takes them again at once", () => {
  const run = withParent();
  assertEquals(startsIn(run.submit(childOf(run, "parent", "child"), taskSpec("other"))), []);
  assertEquals(block(run, "parent"), ["child"]);
  assertEquals(resume(run, "parent"), [], "two run where there is room for one");
  assertEquals(startsIn(run.succeed("child")), [], "and nothing new starts until that is over");
  assertEquals(startsIn(run.succeed("parent")), ["other"]);
});

Deno.test("an attempt that is blocked twice, or resumed unblocked, counts once", () => {
  const run = withParent();
  run.submit(taskSpec("a"), taskSpec("b"));
  assertEquals(resume(run, "parent"), []);
  assertEquals(block(run, "parent"), ["a"]);
  assertEquals(block(run, "parent"), []);
  assertEquals(startsIn(run.succeed("parent")), [], "its room was given away");
  assertEquals(startsIn(run.succeed("a")), ["b"]);
});

Deno.test("what was prefetched behind an attempt that blocks is admitted", () => {
  const run = new Scenario();
  run.join("w");
  run.submit(taskSpec("first"));
  run.succeed("first", 1);
  run.submit(taskSpec("a"), taskSpec("b"), taskSpec("c"));
  assertEquals(run.all("StartAttempt").map(({ spec }) => spec.taskId), ["first", "a", "b", "c"]);
  run.started("a");
  block(run, "a");
  run.started("b");
  assertEquals(run.state.workers.get("w")?.admitted.size, 2);
});

Deno.test("children are cancelled with their attempt, grandchildren with them, detached ones run on", () => {
  const run = withParent();
  run.submit(
    childOf(run, "parent", "child"),
    childOf(run, "parent", "detached", { isDetached: true }),
  );
  block(run, "parent");
  run.started("child");
  run.submit(childOf(run, "child", "grandchild"));
  const commands = run.succeed("parent");
  assertEquals(ofType(commands, "CancelAttempt").map(({ taskId }) => taskId), ["child"]);
  assertEquals(["child", "grandchild", "detached"].map((id) => run.stateOf(id)), [
    "unknown",
    "unknown",
    "ready",
  ]);
  run.ended("child", { type: "cancelled" });
  assertEquals(run.stateOf("detached"), "assigned");
  run.succeed("detached");
  assertEquals(run.stateOf("detached"), "unknown", "nobody waits for its outcome");
  assertEquals(run.told("child"), []);
});

Deno.test("children end with whatever ends their attempt: failure, cancellation, loss, timeout", () => {
  const endings: ((run: Scenario) => void)[] = [
    (run) => run.fail("parent"),
    (run) => run.send({ type: "CancelRequested", taskIds: ["parent"] }),
    (run) => run.send({ type: "WorkerDied", workerId: "w", reason: "test" }),
    (run) => run.send({ type: "ClientLeft", clientId: "client" }),
  ];
  for (const end of endings) {
    const run = withParent();
    run.submit(childOf(run, "parent", "child"));
    end(run);
    assertEquals(run.stateOf("child"), "unknown");
  }
});

Deno.test("what a stale attempt submits is not taken", () => {
  const run = withParent();
  const late = childOf(run, "parent", "late");
  run.succeed("parent");
  assertEquals(run.submit(late), []);
  assertEquals(run.stateOf("late"), "unknown");
});

Deno.test("a child belongs to the run of its parent", () => {
  const run = new Scenario();
  run.join("w");
  run.submit(taskSpec("parent", { rules: { run: { runId: "nightly", weight: 3 } } }));
  run.started("parent");
  run.submit(childOf(run, "parent", "child"));
  assertEquals(run.state.tasks.get("child")?.record.spec.rules?.run, {
    runId: "nightly",
    weight: 3,
  });
});

Deno.test("tasks nested too deep fail, with the limit", () => {
  const run = new Scenario();
  run.join("w");
  run.submit(taskSpec("t0"));
  for (let depth = 1; depth <= 65; depth++) {
    run.started(`t${depth - 1}`);
    run.submit(childOf(run, `t${depth - 1}`, `t${depth}`));
    block(run, `t${depth - 1}`);
  }
  const [outcome] = run.told("t65");
  assertStringIncludes(JSON.stringify(outcome), "it is 65 tasks deep");
  assertEquals(run.stateOf("t64"), "running");
});

Deno.test("a family may have so many unfinished tasks, at any depth, detached ones and the first included", () => {
  const run = new Scenario({ maxFamilySize: 4 });
  run.join("w");
  run.submit(taskSpec("root", { name: "grow" }));
  run.started("root");
  run.submit(childOf(run, "root", "a"), childOf(run, "root", "detached", { isDetached: true }));
  block(run, "root");
  run.started("a");
  run.submit(childOf(run, "a", "a1"), childOf(run, "a", "a2"));
  assertEquals([run.stateOf("a1"), run.stateOf("a2")], ["ready", "failed"]);
  assertStringIncludes(JSON.stringify(run.told("a2")), "of grow (root) and the tasks within it 4");
  run.succeed("a");
  assertEquals(run.stateOf("a1"), "unknown", "its attempt is over");
  run.succeed("root");
  run.started("detached");
  run.submit(...["d1", "d2", "d3", "d4"].map((id) => childOf(run, "detached", id)));
  assertEquals(["d1", "d2", "d3", "d4"].map(run.stateOf, run), [
    "ready",
    "ready",
    "ready",
    "failed",
  ]);
});

Deno.test("a family is counted again after a restart of the head", () => {
  const before = withParent();
  before.submit(childOf(before, "parent", "ended"), childOf(before, "parent", "child"));
  block(before, "parent");
  before.succeed("ended");
  const { attemptId } = before.attempt("parent");
  const run = new Scenario({ epoch: 2, maxFamilySize: 3 });
  run.restore([...before.state.tasks.values()].map(({ record }) => ({ ...record })));
  run.join("w", { cpus: 1 }, [{ type: "blocked", taskId: "parent", attemptId }]);
  const parent = { taskId: "parent", attemptId, isDetached: false };
  run.submit(taskSpec("third", { parent }), taskSpec("fourth", { parent }));
  assertEquals([run.stateOf("third"), run.stateOf("fourth")], ["ready", "failed"]);
});

Deno.test("after a restart of the head children live on with an attempt that is claimed, and end with one that is not", () => {
  const before = withParent();
  before.submit(childOf(before, "parent", "child"));
  const { attemptId } = before.attempt("parent");
  const records = (): TaskRecord[] =>
    [...before.state.tasks.values()].map(({ record }) => ({ ...record }));

  const claimed = new Scenario({ epoch: 2 });
  claimed.restore(records());
  const commands = claimed.join("w", { cpus: 1 }, [{
    type: "blocked",
    taskId: "parent",
    attemptId,
  }]);
  claimed.waitUntil(2_000);
  assertEquals([ofType(commands, "CancelAttempt"), claimed.stateOf("parent")], [[], "running"]);
  assertEquals(claimed.workerOf("child"), "w", "the blocked parent holds nothing");

  const lost = new Scenario({ epoch: 2 });
  lost.restore(records());
  lost.join("other");
  lost.waitUntil(2_000);
  assertEquals([lost.stateOf("parent"), lost.stateOf("child")], ["assigned", "unknown"]);

  const cancelled = new Scenario({ epoch: 2 });
  cancelled.restore(records());
  cancelled.send({ type: "CancelRequested", taskIds: ["parent"] });
  assertEquals(cancelled.stateOf("child"), "unknown");
});

Deno.test("what was stored without its parent is computed again for a task that outlives it, also after a restart", () => {
  const before = withParent();
  before.submit(
    childOf(before, "parent", "child"),
    childOf(before, "parent", "detached", { isDetached: true, dependencies: ["child"] }),
  );
  const records = [...before.state.tasks.values()].map(({ record }) => ({ ...record }))
    .filter(({ spec }) => spec.taskId !== "parent");
  const run = new Scenario({ epoch: 2 });
  run.restore(records);
  run.join("w");
  run.waitUntil(2_000);
  assertEquals([run.stateOf("child"), run.stateOf("detached")], ["assigned", "waiting"]);
  run.succeed("child");
  assertEquals(run.stateOf("detached"), "assigned");
  run.succeed("detached");
  assertEquals([run.stateOf("child"), run.stateOf("detached")], ["unknown", "unknown"]);
});

Deno.test("a detached task that is claimed keeps its children, whatever became of its own parent", () => {
  const before = withParent();
  before.submit(childOf(before, "parent", "detached", { isDetached: true }));
  block(before, "parent");
  before.started("detached");
  before.submit(childOf(before, "detached", "child", { priority: 1 }));
  const { attemptId } = before.attempt("detached");
  const run = new Scenario({ epoch: 2 });
  run.restore([...before.state.tasks.values()].map(({ record }) => ({ ...record })));
  run.join("w", { cpus: 1 }, [{ type: "blocked", taskId: "detached", attemptId }]);
  run.waitUntil(2_000);
  assertEquals(run.stateOf("parent"), "ready");
  assertEquals(run.stateOf("child"), "assigned");
});

Deno.test("a worker that joins again says which of its attempts are blocked", () => {
  const run = withParent();
  const { attemptId } = run.attempt("parent");
  run.submit(taskSpec("other"));
  run.send({ type: "WorkerDisconnected", workerId: "w" });
  const held = { type: "blocked", taskId: "parent", attemptId } as const;
  assertEquals(startsIn(run.join("w", { cpus: 1 }, [held])), ["other"]);
  run.send({ type: "WorkerDisconnected", workerId: "w" });
  const other = {
    type: "running",
    taskId: "other",
    attemptId: run.attempt("other").attemptId,
  } as const;
  run.submit(taskSpec("third"));
  assertEquals(startsIn(run.join("w", { cpus: 1 }, [{ ...held, type: "running" }, other])), []);
});
