import { assertEquals } from "@std/assert";
import { Scenario, taskSpec } from "./scenario.ts";

function prepares(run: Scenario, taskId: string): void {
  const { workerId, attemptId } = run.attempt(taskId);
  run.send({ type: "AttemptPreparing", workerId, taskId, attemptId });
}

function failsToPrepare(run: Scenario, taskId: string): void {
  const error = { kind: "unprepared", name: "NotPreparedError", message: "no network" } as const;
  run.ended(taskId, { type: "failed", error, durationMs: 0 });
}

Deno.test("an attempt whose code is being prepared may take longer to start", () => {
  const run = new Scenario({ startDeadlineMs: 5_000, prepareDeadlineMs: 20_000 });
  run.join("w");
  run.submit(taskSpec("a"));
  run.nowMs = 1_000;
  prepares(run, "a");
  run.waitWithHeartbeats(20_999, "w");
  assertEquals(run.stateOf("a"), "assigned");
  run.waitWithHeartbeats(21_000, "w");
  assertEquals(run.stateOf("a"), "ready");
});

Deno.test("a task whose code one worker cannot prepare goes to another, although the first is free", () => {
  const run = new Scenario();
  run.join("w1");
  run.join("w2");
  run.submit(taskSpec("a"));
  assertEquals(run.workerOf("a"), "w1");
  prepares(run, "a");
  failsToPrepare(run, "a");
  assertEquals(run.workerOf("a"), "w2");
  assertEquals(run.state.tasks.get("a")?.record.failures, 0);
  run.succeed("a");
  assertEquals(run.told("a").map(({ type }) => type), ["succeeded"]);
});

Deno.test("a worker that could not prepare code gets nothing new until it has rested", () => {
  const run = new Scenario({ unpreparedRestMs: 5_000 });
  run.join("w");
  run.submit(taskSpec("a"));
  failsToPrepare(run, "a");
  run.submit(taskSpec("b"));
  run.waitWithHeartbeats(4_999, "w");
  assertEquals([run.stateOf("a"), run.stateOf("b")], ["ready", "ready"]);
  run.waitWithHeartbeats(5_000, "w");
  assertEquals(run.stateOf("a"), "assigned");
});

Deno.test("a worker that rests is open again once it has joined again", () => {
  const run = new Scenario();
  run.join("w");
  run.submit(taskSpec("a"));
  failsToPrepare(run, "a");
  run.send({ type: "WorkerDisconnected", workerId: "w" });
  run.join("w");
  assertEquals(run.stateOf("a"), "assigned");
});

Deno.test("a task whose code no worker can prepare fails with what the last one said", () => {
  const run = new Scenario({ maxUnprepared: 3 });
  for (const workerId of ["w1", "w2", "w3"]) run.join(workerId);
  run.submit(taskSpec("a"));
  for (let i = 0; i < 3; i++) failsToPrepare(run, "a");
  const [outcome] = run.told("a");
  assertEquals(outcome.type === "failed" && [outcome.error.kind, outcome.error.message], [
    "unprepared",
    "no network",
  ]);
});
