import { assertEquals, assertStringIncludes } from "@std/assert";
import type { TaskSpec } from "../../../cluster/scheduler/types.ts";
import { resultOf, Scenario, startsIn, taskSpec } from "./scenario.ts";

function keyed(taskId: string, changes: Partial<TaskSpec> = {}, fingerprint = "f(1)"): TaskSpec {
  const rules = { idempotency: { key: "k", fingerprint } };
  return taskSpec(taskId, { clientId: `client of ${taskId}`, rules, ...changes });
}

const SUCCEEDED = { type: "succeeded", result: resultOf("a") } as const;

function release(run: Scenario, ...taskIds: string[]): void {
  run.send({ type: "TasksReleased", taskIds });
}

/** A scheduler after the head's restart, with what the one before had stored. */
function restarted(before: Scenario, changes = {}): Scenario {
  const forgotten = new Set(before.all("ForgetTask").map(({ taskId }) => taskId));
  const records = before.all("SaveTask").map(({ task }) => task)
    .filter(({ spec }) => !forgotten.has(spec.taskId));
  const run = new Scenario({ epoch: 2, ...changes });
  run.nowMs = before.nowMs;
  run.restore(records);
  return run;
}

Deno.test("a second task under a key does not run: it waits for the outcome of the first", () => {
  const run = new Scenario();
  run.join("w", { cpus: 2 });
  assertEquals(startsIn(run.submit(keyed("a"), keyed("b"))), ["a"]);
  assertEquals(run.stateOf("b"), "waiting");
  run.succeed("a");
  assertEquals([run.told("a"), run.told("b")], [[SUCCEEDED], [SUCCEEDED]]);
});

Deno.test("what depends on the second one gets the result of the first", () => {
  const run = new Scenario();
  run.join("w", { cpus: 2 });
  run.submit(keyed("a"), keyed("b"), taskSpec("reader", { dependencies: ["b"] }));
  run.succeed("a");
  assertEquals(run.attempt("reader").inputs, [resultOf("a")]);
});

Deno.test("an outcome is known by its key after its task was released, and after a restart of the head", () => {
  const before = new Scenario();
  before.join("w");
  before.submit(keyed("a"));
  before.succeed("a");
  release(before, "a");
  before.submit(keyed("b"));
  assertEquals(before.told("b"), [SUCCEEDED]);
  release(before, "b");
  assertEquals([...before.state.tasks.keys()], ["a"]);
  const run = restarted(before);
  run.submit(keyed("c"));
  assertEquals(run.told("c"), [SUCCEEDED]);
});

Deno.test("a failure is an outcome too", () => {
  const run = new Scenario();
  run.join("w");
  run.submit(keyed("a"), keyed("b"), taskSpec("reader", { dependencies: ["b"] }));
  run.fail("a", "broken");
  run.submit(keyed("c"));
  for (const taskId of ["b", "c"]) {
    const [outcome] = run.told(taskId);
    assertEquals(outcome.type === "failed" && outcome.error.message, "broken");
  }
  assertEquals(run.stateOf("reader"), "failed");
});

Deno.test("another function or other arguments under the same key are refused", () => {
  const run = new Scenario();
  run.join("w");
  run.submit(keyed("a"), keyed("b", {}, "f(2)"));
  const [outcome] = run.told("b");
  assertEquals(outcome.type === "failed" && outcome.error.name, "IdempotencyConflict");
  assertStringIncludes(
    outcome.type === "failed" ? outcome.error.message : "",
    "its idempotency key k was used for another function or other arguments, by task a",
  );
  run.succeed("a");
  assertEquals(run.told("a"), [SUCCEEDED]);
  const after = restarted(run);
  after.submit(keyed("c"));
  assertEquals(after.told("c"), [SUCCEEDED]);
});

Deno.test("if the first is cancelled the next one runs, and the others wait for that", () => {
  const run = new Scenario();
  run.join("w", { cpus: 2 });
  run.submit(keyed("a"), keyed("b"), keyed("c"));
  const commands = run.send({ type: "CancelRequested", taskIds: ["a"] });
  assertEquals(startsIn(commands), ["b"]);
  assertEquals(run.told("a"), [{ type: "cancelled" }]);
  run.succeed("b");
  assertEquals(run.told("c"), [{ type: "succeeded", result: resultOf("b") }]);
});

Deno.test("a first one that never ran, since its dependency failed, gives its key to the next one", () => {
  const run = new Scenario();
  run.join("w", { cpus: 2 });
  run.submit(taskSpec("input"), keyed("a", { dependencies: ["input"] }), keyed("b"));
  assertEquals(startsIn(run.fail("input")), ["b"]);
  assertEquals(run.stateOf("a"), "failed");
});

Deno.test("a key whose only task was cancelled is free", () => {
  const run = new Scenario();
  run.join("w", { cpus: 2 });
  run.submit(keyed("a"));
  run.send({ type: "CancelRequested", taskIds: ["a"] });
  assertEquals(startsIn(run.submit(keyed("b", {}, "f(2)"))), ["b"]);
});

Deno.test("a second task that is cancelled leaves the first alone", () => {
  const run = new Scenario();
  run.join("w");
  run.submit(keyed("a"), keyed("b"));
  run.send({ type: "CancelRequested", taskIds: ["b"] });
  run.succeed("a");
  assertEquals([run.told("a"), run.told("b")], [[SUCCEEDED], [{ type: "cancelled" }]]);
});

Deno.test("a key is forgotten some time after its task was released", () => {
  const run = new Scenario({ keyRetentionMs: 60_000 });
  run.join("w");
  run.submit(keyed("a"));
  run.succeed("a");
  run.waitWithHeartbeats(10_000, "w");
  release(run, "a");
  run.waitWithHeartbeats(69_999, "w");
  assertEquals(run.stateOf("a"), "succeeded");
  run.waitWithHeartbeats(70_000, "w");
  assertEquals(run.stateOf("a"), "unknown");
  assertEquals(startsIn(run.submit(keyed("b"))), ["b"]);
});

Deno.test("the number and the bytes of what is kept for its keys are bounded: the oldest goes first", () => {
  for (const limits of [{ maxKeptKeys: 2 }, { maxKeptBytes: 20 }]) {
    const run = new Scenario(limits);
    run.join("w");
    for (const key of ["k1", "k2", "k3"]) {
      const rules = { idempotency: { key, fingerprint: "f" } };
      run.submit(taskSpec(key, { rules, payload: new Uint8Array(10) }));
      run.succeed(key);
      release(run, key);
    }
    assertEquals([...run.state.tasks.keys()], ["k2", "k3"]);
    assertEquals([...run.state.keys.keys()], ["k2", "k3"]);
  }
});

Deno.test("after a restart unfinished tasks under a key have one owner, the first", () => {
  const before = new Scenario();
  before.submit(keyed("a"), keyed("b"));
  const run = restarted(before, { restoreHoldMs: 0 });
  assertEquals(startsIn(run.join("w", { cpus: 2 })), ["a"]);
  run.succeed("a");
  assertEquals(run.told("b"), [SUCCEEDED]);
});
