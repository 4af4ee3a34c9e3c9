import { assertEquals, assertStringIncludes } from "@std/assert";
import { ofType, Scenario, taskSpec } from "./scenario.ts";

const ONE_SECOND = { rules: { queueTimeoutMs: 1_000 } };

function errorOf(run: Scenario, taskId: string) {
  const [outcome] = run.told(taskId);
  return outcome?.type === "failed" ? outcome.error : undefined;
}

Deno.test("a task that does not start within its queueTimeoutMs fails as timed out", () => {
  const run = new Scenario();
  run.submit(taskSpec("a", ONE_SECOND), taskSpec("b", { dependencies: ["a"] }));
  run.waitUntil(999);
  assertEquals(run.told("a"), []);
  run.waitUntil(1_000);
  assertEquals(errorOf(run, "a")?.kind, "timed_out");
  assertEquals(errorOf(run, "a")?.name, "QueueTimedOut");
  assertStringIncludes(
    errorOf(run, "a")?.message ?? "",
    "still ready after the 1000 ms that it may wait",
  );
  assertEquals(run.stateOf("b"), "failed");
});

Deno.test("the time in which a task waits for its dependencies counts", () => {
  const run = new Scenario();
  run.submit(taskSpec("a"), taskSpec("b", { ...ONE_SECOND, dependencies: ["a"] }));
  run.waitUntil(1_000);
  assertStringIncludes(errorOf(run, "b")?.message ?? "", "still waiting");
});

Deno.test("an attempt that was assigned and did not start is called back when the time is over", () => {
  const run = new Scenario();
  run.join("w");
  run.submit(taskSpec("a", ONE_SECOND));
  const commands = run.waitUntil(1_000);
  assertEquals(ofType(commands, "CancelAttempt").map(({ taskId }) => taskId), ["a"]);
  assertEquals(errorOf(run, "a")?.name, "QueueTimedOut");
});

Deno.test("a task that has started once has no limit on its waiting any more", () => {
  const run = new Scenario();
  run.join("w");
  run.submit(taskSpec("a", ONE_SECOND));
  run.started("a");
  run.send({ type: "WorkerDied", workerId: "w", reason: "killed" });
  run.waitUntil(60_000);
  assertEquals(run.stateOf("a"), "ready");
});

Deno.test("a failure that is reported before any start ends the limit too", () => {
  const run = new Scenario();
  run.join("w");
  const retry = { maxAttempts: 2, baseDelayMs: 0, maxDelayMs: 0 };
  run.submit(taskSpec("a", { ...ONE_SECOND, retry }));
  run.fail("a");
  run.waitWithHeartbeats(5_000, "w");
  assertEquals(run.told("a"), []);
});

Deno.test("after a restart of the head the time to the first start begins anew", () => {
  const before = new Scenario();
  before.submit(taskSpec("a", ONE_SECOND));
  const records = before.all("SaveTask").map(({ task }) => task);
  const run = new Scenario({ epoch: 2 });
  run.nowMs = 900;
  run.restore(records);
  run.waitUntil(1_899);
  assertEquals(run.told("a"), []);
  run.waitUntil(1_900);
  assertEquals(errorOf(run, "a")?.name, "QueueTimedOut");
});
