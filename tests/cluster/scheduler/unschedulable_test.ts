import { assertEquals, assertStringIncludes } from "@std/assert";
import { unschedulable } from "../../../cluster/scheduler/mod.ts";
import { Scenario, startsIn, taskSpec } from "./scenario.ts";

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
    'none of 1 workers could ever hold {"cpus":1,"gpu":1}',
  );
  assertEquals(run.stateOf("b"), "failed");
});
