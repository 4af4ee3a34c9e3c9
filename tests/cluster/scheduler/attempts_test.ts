import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { Scenario, startsIn, taskSpec } from "./scenario.ts";

const RETRY = { maxAttempts: 3, baseDelayMs: 100, maxDelayMs: 150 };

Deno.test("a failed attempt is tried again after a random part of a growing delay, until none is left", () => {
  const delays: number[] = [];
  for (let seed = 0; seed < 40; seed++) {
    const run = new Scenario({ seed });
    run.join("w");
    run.submit(taskSpec("a", { retry: RETRY }));
    for (const limitMs of [100, 150]) {
      run.fail("a");
      assertEquals(run.stateOf("a"), "delayed");
      const failedAtMs = run.nowMs;
      const dueAtMs = run.state.tasks.get("a")?.timer?.dueAtMs ?? NaN;
      delays.push((dueAtMs - failedAtMs) / limitMs);
      assertEquals(startsIn(run.waitUntil(dueAtMs)), ["a"]);
    }
    run.fail("a", "third");
    const outcome = run.told("a")[0];
    assertEquals(outcome.type === "failed" && outcome.error.message, "third");
  }
  assert(delays.every((share) => share >= 0 && share <= 1));
  assert(Math.min(...delays) < 0.2 && Math.max(...delays) > 0.8, "the jitter is full");
});

Deno.test("equal seeds and events give equal commands", () => {
  const logs = [1, 2].map(() => {
    const run = new Scenario({ seed: 3 });
    run.join("w");
    run.submit(taskSpec("a", { retry: RETRY }));
    run.fail("a");
    run.waitUntil(200);
    return JSON.stringify(run.log) + run.nowMs;
  });
  assertEquals(logs[0], logs[1]);
});

Deno.test("attempts are numbered uniquely over the starts of a head", () => {
  const run = new Scenario({ epoch: 3 });
  run.join("w", { cpus: 2 });
  run.submit(taskSpec("a"), taskSpec("b"));
  assertEquals(run.all("StartAttempt").map(({ attemptId }) => attemptId), [
    3 * 2 ** 32,
    3 * 2 ** 32 + 1,
  ]);
});

Deno.test("a report that comes twice is acknowledged twice and committed once", () => {
  const run = new Scenario();
  run.join("w");
  run.submit(taskSpec("a"));
  run.succeed("a");
  assertEquals(run.succeed("a").map(({ type }) => type), ["AcknowledgeAttempt"]);
  assertEquals(run.told("a").length, 1);
});

Deno.test("an attempt that runs past its timeout is cancelled, and the task has failed at once", () => {
  const run = new Scenario();
  run.join("w");
  run.submit(taskSpec("a", { runTimeoutMs: 500 }), taskSpec("b"));
  run.nowMs = 100;
  run.started("a");
  assertEquals(run.waitUntil(599), []);
  const commands = run.waitUntil(600);
  assertEquals(commands.map(({ type }) => type), ["CancelAttempt", "SaveEnd", "TellClient"]);
  const [outcome] = run.told("a");
  assertEquals(outcome.type === "failed" && outcome.error.kind, "timed_out");
  assertEquals(startsIn(run.ended("a", { type: "cancelled" })), ["b"]);
});

Deno.test("a timed out attempt counts as a failure: it is tried again while attempts remain", () => {
  const run = new Scenario();
  run.join("w", { cpus: 2 });
  const retry = { maxAttempts: 2, baseDelayMs: 0, maxDelayMs: 0 };
  run.submit(taskSpec("a", { runTimeoutMs: 500, retry }));
  run.started("a");
  const first = run.attempt("a").attemptId;
  assertEquals(startsIn(run.waitUntil(500)), ["a"]);
  assert(run.attempt("a").attemptId !== first);
});

Deno.test("an attempt that is never reported as started is given up after the start deadline", () => {
  const run = new Scenario({ startDeadlineMs: 5_000 });
  run.join("w");
  run.submit(taskSpec("a"));
  run.waitWithHeartbeats(5_000, "w");
  assertEquals(run.all("CancelAttempt").map(({ reason }) => reason), ["stale"]);
  assertEquals(run.stateOf("a"), "ready");
  assertEquals(run.state.tasks.get("a")?.record.losses, 1);
});

Deno.test("an attempt that its worker cancelled unasked makes its task ready again, as a loss", () => {
  const run = new Scenario({ maxLosses: 1 });
  run.join("w");
  run.submit(taskSpec("a"));
  assertEquals(startsIn(run.ended("a", { type: "cancelled" })), ["a"]);
  run.ended("a", { type: "cancelled" });
  const [outcome] = run.told("a");
  assertEquals(outcome.type === "failed" && outcome.error.kind, "lost");
});

Deno.test("a task whose nodes keep dying fails as lost once it was lost too often", () => {
  const run = new Scenario({ maxLosses: 2 });
  run.submit(taskSpec("a"));
  for (const workerId of ["w1", "w2", "w3"]) {
    assertEquals(startsIn(run.join(workerId)), ["a"]);
    run.send({ type: "WorkerDied", workerId, reason: "spot notice" });
  }
  const [outcome] = run.told("a");
  assertEquals(outcome.type === "failed" && outcome.error.kind, "lost");
  assertStringIncludes(
    outcome.type === "failed" ? outcome.error.message : "",
    "3 of its attempts were lost, at most 2 may be; the last one: worker w3 is gone: spot notice",
  );
});

Deno.test("a lost task goes ahead of those that were never assigned", () => {
  const run = new Scenario();
  run.join("w1");
  run.submit(taskSpec("a"), taskSpec("b"));
  run.send({ type: "WorkerDied", workerId: "w1", reason: "killed" });
  assertEquals(startsIn(run.join("w2")), ["a"]);
});

Deno.test("with retryOn only the kinds and names that it lists are tried again", () => {
  const retry = {
    maxAttempts: 5,
    baseDelayMs: 0,
    maxDelayMs: 0,
    retryOn: { kinds: ["crashed"], names: ["Busy"] },
  } as const;
  const run = new Scenario();
  run.join("w", { cpus: 3 });
  run.submit(...["a", "b", "c"].map((taskId) => taskSpec(taskId, { retry })));
  const fail = (taskId: string, kind: "thrown" | "crashed", name: string) =>
    run.ended(taskId, { type: "failed", error: { kind, name, message: "" }, durationMs: 1 });
  fail("a", "crashed", "ExitCode");
  fail("b", "thrown", "Busy");
  fail("c", "thrown", "TypeError");
  assertEquals([run.stateOf("a"), run.stateOf("b"), run.stateOf("c")], [
    "assigned",
    "assigned",
    "failed",
  ]);
});
