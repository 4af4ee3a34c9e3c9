import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { countsByState } from "../../../cluster/scheduler/mod.ts";
import { ofType, resultOf, Scenario, startsIn, taskSpec } from "./scenario.ts";

function errorOf(run: Scenario, taskId: string): { kind: string; message: string } {
  const outcome = run.told(taskId).at(-1);
  if (outcome?.type !== "failed") throw new Error(`task ${taskId} did not fail`);
  return outcome.error;
}

Deno.test("a task waits until all of its dependencies succeeded, and gets their results in its order", () => {
  const run = new Scenario();
  run.join("w", { cpus: 4 });
  run.submit(
    taskSpec("a"),
    taskSpec("b"),
    taskSpec("sum", { dependencies: ["b", "a", "b"] }),
  );
  assertEquals(startsIn(run.succeed("a")), []);
  assertEquals(run.stateOf("sum"), "waiting");
  assertEquals(startsIn(run.succeed("b")), ["sum"]);
  assertEquals(run.attempt("sum").inputs, [resultOf("b"), resultOf("a"), resultOf("b")]);
});

Deno.test("a failure fails all that depends on it, and names the task that failed first", () => {
  const run = new Scenario();
  run.join("w");
  run.submit(
    taskSpec("a", { name: "load" }),
    taskSpec("b", { dependencies: ["a"] }),
    taskSpec("c", { dependencies: ["b", "a"] }),
  );
  run.fail("a", "disk full");
  for (const taskId of ["b", "c"]) {
    assertEquals(errorOf(run, taskId).kind, "dependency");
    assertStringIncludes(errorOf(run, taskId).message, "load (a) failed: Error: disk full");
    assertEquals(run.told(taskId).length, 1);
  }
});

Deno.test("a chain of 20,000 dependents fails without exhausting the stack", () => {
  const run = new Scenario();
  const specs = Array.from(
    { length: 20_000 },
    (_, i) => taskSpec(`t${i}`, { dependencies: i === 0 ? [] : [`t${i - 1}`] }),
  );
  run.submit(...specs);
  run.send({ type: "CancelRequested", taskIds: ["t0"] });
  assertEquals(countsByState(run.state).failed, 19_999);
});

Deno.test("a cancelled task fails its dependents, which nobody cancelled", () => {
  const run = new Scenario();
  run.submit(taskSpec("a"), taskSpec("b", { dependencies: ["a"] }));
  run.send({ type: "CancelRequested", taskIds: ["a", "no such task"] });
  assertEquals(run.told("a"), [{ type: "cancelled" }]);
  assertStringIncludes(errorOf(run, "b").message, "the dependency work (a) was cancelled");
});

Deno.test("a dependency that is not known fails the task", () => {
  const run = new Scenario();
  run.submit(taskSpec("b", { dependencies: ["a"] }), taskSpec("a"));
  assertEquals(errorOf(run, "b").kind, "dependency");
  assertStringIncludes(errorOf(run, "b").message, "its dependency a is not known");
});

Deno.test("a dependency that failed before fails the task at once", () => {
  const run = new Scenario();
  run.join("w");
  run.submit(taskSpec("a"));
  run.fail("a", "disk full");
  run.submit(taskSpec("b", { dependencies: ["a"] }));
  assertStringIncludes(errorOf(run, "b").message, "disk full");
});

Deno.test("a released result is kept while an unfinished task reads it, or may have to read it again", () => {
  const run = new Scenario();
  run.join("w");
  run.submit(taskSpec("a"), taskSpec("b", { dependencies: ["a"] }));
  run.succeed("a");
  assertEquals(run.send({ type: "TasksReleased", taskIds: ["a"] }), []);
  assertEquals(ofType(run.succeed("b"), "ForgetTask"), []);
  const commands = run.send({ type: "TasksReleased", taskIds: ["b"] });
  assertEquals(ofType(commands, "ForgetTask").map(({ taskId }) => taskId), ["b", "a"]);
});

Deno.test("a task that was released before it ended is forgotten when it ends, and nobody is told", () => {
  const run = new Scenario();
  run.join("w");
  run.submit(taskSpec("a"));
  run.send({ type: "TasksReleased", taskIds: ["a"] });
  const types = run.succeed("a").map(({ type }) => type);
  assertEquals(types, ["SaveEnd", "ForgetTask", "AcknowledgeAttempt"]);
});

Deno.test("an outcome is stored before the client is told", () => {
  const run = new Scenario();
  run.join("w");
  run.submit(taskSpec("a"));
  const types = run.succeed("a").map(({ type }) => type);
  assertEquals(types, ["SaveEnd", "TellClient", "AcknowledgeAttempt"]);
});

Deno.test("a running task that is cancelled ends at once, and its resources are free when the worker says so", () => {
  const run = new Scenario();
  run.join("w");
  run.submit(taskSpec("a"), taskSpec("b"));
  run.started("a");
  const commands = run.send({ type: "CancelRequested", taskIds: ["a"] });
  assertEquals(run.told("a"), [{ type: "cancelled" }]);
  assertEquals(ofType(commands, "CancelAttempt").map(({ reason }) => reason), ["cancelled"]);
  assertEquals(startsIn(commands), []);
  assertEquals(startsIn(run.ended("a", { type: "cancelled" })), ["b"]);
});

Deno.test("a result that comes after the cancellation is acknowledged and does not count", () => {
  const run = new Scenario();
  run.join("w");
  run.submit(taskSpec("a"));
  run.send({ type: "CancelRequested", taskIds: ["a"] });
  assertEquals(run.succeed("a").map(({ type }) => type), ["AcknowledgeAttempt"]);
  assertEquals(run.told("a"), [{ type: "cancelled" }]);
});

Deno.test("a client that left leaves nothing behind, and others keep theirs", () => {
  const run = new Scenario();
  run.join("w", { cpus: 3 });
  run.submit(
    taskSpec("done"),
    taskSpec("running"),
    taskSpec("ready", { resources: { cpus: 3 } }),
    taskSpec("waiting", { dependencies: ["ready"] }),
    taskSpec("other", { clientId: "other" }),
  );
  run.succeed("done");
  const commands = run.send({ type: "ClientLeft", clientId: "client" });
  assertEquals(ofType(commands, "ForgetTask").length, 4);
  assertEquals(ofType(commands, "CancelAttempt").map(({ taskId }) => taskId), ["running"]);
  assert(ofType(commands, "TellClient").length === 0);
  assertEquals([...run.state.tasks.keys()], ["other"]);
});
