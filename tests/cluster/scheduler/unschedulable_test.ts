import { assertEquals, assertStringIncludes } from "@std/assert";
import { unschedulable } from "../../../cluster/scheduler/mod.ts";
import { ofType, Scenario, startsIn, taskSpec } from "./scenario.ts";

const GPU = { resources: { cpus: 1, gpu: 1 } };

Deno.test("ready tasks that no known worker could ever hold wait and are listed", () => {
  const run = new Scenario();
  run.join("w");
  run.nowMs = 50;
  run.submit(taskSpec("a", GPU), taskSpec("b", GPU), taskSpec("c"));
  assertEquals(unschedulable(run.state), [
    { resources: { cpus: 1, gpu: 1 }, taskCount: 2, exampleTaskId: "a", sinceMs: 50 },
  ]);
  assertEquals(startsIn(run.join("g", { cpus: 2, gpu: 2 })), ["a", "b"]);
  assertEquals(unschedulable(run.state), []);
});

Deno.test("tasks are listed again when the last worker that could hold them is gone", () => {
  const run = new Scenario();
  run.join("g", { cpus: 1, gpu: 1 });
  run.submit(taskSpec("a", GPU), taskSpec("b", GPU));
  run.send({ type: "WorkerDied", workerId: "g", reason: "killed" });
  assertEquals(unschedulable(run.state).map(({ taskCount }) => taskCount), [2]);
});

Deno.test("with failUnschedulable such tasks fail after a while, once there are workers at all", () => {
  const run = new Scenario({ failUnschedulable: true, unschedulableAfterMs: 3_000 });
  run.submit(taskSpec("a", GPU), taskSpec("b", { dependencies: ["a"] }));
  run.waitUntil(2_000);
  run.send({ type: "Ticked" });
  run.join("w");
  run.waitUntil(2_999);
  assertEquals(run.told("a"), []);
  run.waitUntil(3_000);
  const [outcome] = run.told("a");
  assertEquals(outcome.type === "failed" && outcome.error.kind, "unschedulable");
  assertStringIncludes(
    outcome.type === "failed" ? outcome.error.message : "",
    "the one worker that is here could never hold 1 cpu, 1 gpu: it has 1 cpu, 0 gpu",
  );
  assertEquals(run.stateOf("b"), "failed");
});

Deno.test("each client is warned once, naming what is asked for, what there is and what is missing", () => {
  const run = new Scenario({ warnUnholdableAfterMs: 1_000 });
  run.submit(taskSpec("a", GPU), taskSpec("b", GPU), taskSpec("c", { ...GPU, clientId: "other" }));
  assertEquals(ofType(run.waitUntil(900), "WarnClient"), []);
  run.join("small", { cpus: 2 });
  run.join("large", { cpus: 16 });
  const warnings = ofType(run.waitUntil(1_000), "WarnClient");
  assertEquals(warnings.map(({ clientId, taskId }) => [clientId, taskId]), [
    ["client", "a"],
    ["other", "c"],
  ]);
  assertStringIncludes(
    warnings[0].warning,
    "none of the 2 workers could ever hold 1 cpu, 1 gpu: the most that any one has is 16 cpus, 0 gpu",
  );
  run.submit(taskSpec("d", GPU));
  assertEquals(ofType(run.waitUntil(3_000), "WarnClient"), []);
});

Deno.test("a client that comes later with such a task is warned too", () => {
  const run = new Scenario({ warnUnholdableAfterMs: 1_000 });
  run.join("w");
  run.submit(taskSpec("a", GPU));
  run.waitUntil(5_000);
  run.submit(taskSpec("b", { ...GPU, clientId: "other" }));
  const warnings = ofType(run.waitUntil(5_000), "WarnClient");
  assertEquals(warnings.map(({ clientId }) => clientId), ["other"]);
});

Deno.test("a task that is to fail fast fails at its submission when no known worker could ever hold it", () => {
  const run = new Scenario();
  const fast = { ...GPU, rules: { failFast: true } };
  run.submit(taskSpec("early", fast));
  run.join("w");
  run.submit(taskSpec("a", fast), taskSpec("b", { dependencies: ["a"] }));
  assertEquals(run.stateOf("early"), "ready");
  assertEquals([run.stateOf("a"), run.stateOf("b")], ["failed", "failed"]);
  assertEquals(startsIn(run.join("g", { cpus: 4, gpu: 1 })), ["early"]);
});
