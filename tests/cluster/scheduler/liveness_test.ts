import { assertEquals, assertStringIncludes } from "@std/assert";
import { workerViews } from "../../../cluster/scheduler/mod.ts";
import { ofType, Scenario, startsIn, taskSpec } from "./scenario.ts";

Deno.test("a worker whose connection closed gets nothing new and keeps its attempts for the grace", () => {
  const run = new Scenario({ reconnectGraceMs: 2_000 });
  run.join("w", { cpus: 2 });
  run.submit(taskSpec("a"));
  run.send({ type: "WorkerDisconnected", workerId: "w" });
  assertEquals(startsIn(run.submit(taskSpec("b"))), []);
  run.waitUntil(1_999);
  assertEquals(run.stateOf("a"), "assigned");
  run.waitUntil(2_000);
  assertEquals(run.stateOf("a"), "ready");
  assertEquals(run.state.tasks.get("a")?.record.losses, 1);
  assertEquals(workerViews(run.state), []);
});

Deno.test("a silent worker is given up and dropped; any sign of life puts that off", () => {
  const run = new Scenario({ silentAfterMs: 10_000 });
  run.join("w");
  run.submit(taskSpec("a"));
  run.waitUntil(9_000);
  run.send({ type: "WorkerHeard", workerId: "w" });
  assertEquals(run.waitUntil(18_999), []);
  const commands = run.waitUntil(19_000);
  assertEquals(ofType(commands, "DropWorker").map(({ workerId }) => workerId), ["w"]);
  assertEquals(run.stateOf("a"), "ready");
});

Deno.test("workers are not taken for silent when the head itself slept", () => {
  const run = new Scenario({ silentAfterMs: 10_000 });
  run.join("w");
  run.nowMs = 3_600_000;
  assertEquals(run.send({ type: "Ticked" }), []);
  assertEquals(ofType(run.waitUntil(3_610_000), "DropWorker").length, 1);
});

Deno.test("the tasks of a worker that died are ready at once, in their order", () => {
  const run = new Scenario();
  run.join("w", { cpus: 3 });
  run.submit(taskSpec("a"), taskSpec("b"), taskSpec("c"));
  run.started("b");
  run.send({ type: "WorkerDied", workerId: "w", reason: "killed" });
  assertEquals(startsIn(run.join("w2", { cpus: 3 })), ["a", "b", "c"]);
});

Deno.test("a result of a worker that was given up is acknowledged and does not count", () => {
  const run = new Scenario();
  run.join("w");
  run.submit(taskSpec("a"));
  const { attemptId } = run.attempt("a");
  run.send({ type: "WorkerDied", workerId: "w", reason: "killed" });
  assertEquals(run.succeed("a"), [{ type: "AcknowledgeAttempt", workerId: "w", attemptId }]);
  assertEquals(run.stateOf("a"), "ready");
});

Deno.test("a worker that is not known is told to join again", () => {
  const run = new Scenario();
  assertEquals(run.send({ type: "WorkerHeard", workerId: "w" }).map(({ type }) => type), [
    "DropWorker",
  ]);
});

Deno.test("a worker that does not end a cancelled attempt in time is given up", () => {
  const run = new Scenario({ endDeadlineMs: 3_000 });
  run.join("w", { cpus: 2 });
  run.submit(taskSpec("a"), taskSpec("b"));
  run.send({ type: "CancelRequested", taskIds: ["a"] });
  run.waitWithHeartbeats(4_000, "w");
  const [drop] = run.all("DropWorker");
  assertStringIncludes(drop.reason, "did not end the cancelled attempt");
  assertEquals(run.stateOf("b"), "ready");
});

Deno.test("a draining worker gets nothing new, and is released once it holds nothing", () => {
  const run = new Scenario();
  run.join("w", { cpus: 2 });
  run.submit(taskSpec("a"));
  assertEquals(run.send({ type: "DrainRequested", workerId: "w", graceMs: Infinity }), []);
  assertEquals(startsIn(run.submit(taskSpec("b"))), []);
  assertEquals(ofType(run.succeed("a"), "ReleaseWorker").length, 1);
  run.send({ type: "WorkerHeard", workerId: "w" });
  run.send({ type: "WorkerDisconnected", workerId: "w" });
  assertEquals(workerViews(run.state), []);
  assertEquals(run.all("ReleaseWorker").length, 1);
});

Deno.test("a draining worker gives back at once what queues there, and at its deadline what it runs; neither counts as a loss", () => {
  const run = new Scenario({ prefetchTargetMs: 20, maxPrefetch: 8 });
  run.join("w");
  run.submit(taskSpec("first"));
  run.succeed("first", 1);
  run.submit(taskSpec("runs"), taskSpec("queues"));
  run.started("runs");
  assertEquals([run.workerOf("runs"), run.workerOf("queues")], ["w", "w"]);
  const asked = run.send({ type: "DrainRequested", workerId: "w", graceMs: 5_000 });
  assertEquals(ofType(asked, "CancelAttempt").map(({ taskId, reason }) => [taskId, reason]), [
    ["queues", "recalled"],
  ]);
  run.ended("queues", { type: "cancelled" });
  assertEquals([run.stateOf("runs"), run.stateOf("queues")], ["running", "ready"]);
  run.waitWithHeartbeats(4_900, "w");
  assertEquals(run.stateOf("runs"), "running");
  run.waitWithHeartbeats(5_100, "w");
  assertEquals(run.stateOf("runs"), "ready");
  assertEquals(run.state.tasks.get("runs")?.record.losses, 0);
  assertEquals(run.all("ReleaseWorker"), []);
  run.ended("runs", { type: "cancelled" });
  assertEquals(run.all("ReleaseWorker").length, 1);
  run.join("other", { cpus: 2 });
  assertEquals([run.workerOf("runs"), run.workerOf("queues")], ["other", "other"]);
});

Deno.test("asked to drain twice, a worker has until the earlier end; one that is away at its end gives back when it returns", () => {
  const run = new Scenario({ reconnectGraceMs: 60_000 });
  run.join("w");
  run.submit(taskSpec("a"));
  run.started("a");
  run.send({ type: "DrainRequested", workerId: "w", graceMs: 2_000 });
  run.send({ type: "DrainRequested", workerId: "w", graceMs: Infinity });
  run.send({ type: "WorkerDisconnected", workerId: "w" });
  run.waitUntil(3_000);
  assertEquals(run.stateOf("a"), "running");
  const { attemptId } = run.attempt("a");
  run.join("w", { cpus: 1 }, [{ type: "running", taskId: "a", attemptId }]);
  run.waitUntil(3_001);
  assertEquals(run.stateOf("a"), "ready");
});

Deno.test("an idle worker that is drained is released at once", () => {
  const run = new Scenario();
  run.join("w");
  const commands = run.send({ type: "DrainRequested", workerId: "w", graceMs: Infinity });
  assertEquals(commands, [{ type: "ReleaseWorker", workerId: "w" }]);
});

Deno.test("a worker under memory pressure gets nothing new until it recovers, and keeps what it runs", () => {
  const run = new Scenario();
  run.join("w", { cpus: 2 });
  run.submit(taskSpec("a"));
  run.send({ type: "MemoryPressureChanged", workerId: "w", isUnderPressure: true });
  assertEquals(startsIn(run.submit(taskSpec("b"))), []);
  assertEquals(run.stateOf("a"), "assigned");
  const recovered = {
    type: "MemoryPressureChanged",
    workerId: "w",
    isUnderPressure: false,
  } as const;
  assertEquals(startsIn(run.send(recovered)), ["b"]);
});

Deno.test("a worker that joins again has no memory pressure until it says so", () => {
  const run = new Scenario();
  run.join("w");
  run.send({ type: "MemoryPressureChanged", workerId: "w", isUnderPressure: true });
  run.submit(taskSpec("a"));
  run.send({ type: "WorkerDisconnected", workerId: "w" });
  assertEquals(startsIn(run.join("w")), ["a"]);
});

Deno.test("a half-open connection: the worker is given up, and what it says when it is back is stale", () => {
  const run = new Scenario({ silentAfterMs: 10_000 });
  run.join("w");
  run.submit(taskSpec("a"));
  run.started("a");
  const { attemptId } = run.attempt("a");
  run.waitUntil(10_000);
  run.join("w2");
  assertEquals(run.workerOf("a"), "w2");
  const heard = run.send({ type: "AttemptStarted", workerId: "w", taskId: "a", attemptId });
  assertEquals(heard.map(({ type }) => type), ["DropWorker"]);
  const held = [{ type: "running", taskId: "a", attemptId }] as const;
  const joined = run.join("w", { cpus: 1 }, held);
  assertEquals(ofType(joined, "CancelAttempt").map(({ reason }) => reason), ["stale"]);
  assertEquals(run.workerOf("a"), "w2");
});
