import { assertEquals, assertStringIncludes } from "@std/assert";
import type { Affinity } from "../../../cluster/scheduler/types.ts";
import { ofType, Scenario, startsIn, taskSpec } from "./scenario.ts";

function near(taskId: string, affinity: Affinity) {
  return taskSpec(taskId, { rules: { affinity } });
}

Deno.test("a task runs on the workers that it requires, and on no other", () => {
  const run = new Scenario();
  run.join("w1", { cpus: 4 });
  run.join("w2", { cpus: 1 });
  run.submit(
    near("a", { nodes: ["w2", "w3"], mode: "require" }),
    near("b", { nodes: ["w2", "w3"], mode: "require" }),
  );
  assertEquals(run.workerOf("a"), "w2");
  assertEquals(run.stateOf("b"), "ready");
  assertEquals(startsIn(run.join("w3")), ["b"]);
});

Deno.test("a label is an amount of which the worker has some", () => {
  const run = new Scenario();
  run.join("plain", { cpus: 4 });
  run.join("fast", { cpus: 4, "disk:nvme": 1, "zone:a": 1 });
  run.submit(
    near("a", { labels: ["disk:nvme", "zone:a"], mode: "require" }),
    near("b", { labels: ["disk:nvme", "zone:b"], mode: "require" }),
  );
  assertEquals(run.workerOf("a"), "fast");
  assertEquals(run.stateOf("b"), "ready");
});

Deno.test("a preference is followed while there is room, and never leaves a worker idle", () => {
  const run = new Scenario();
  run.join("w1", { cpus: 2 });
  run.join("w2", { cpus: 2 });
  const affinity = { nodes: ["w2"], mode: "prefer" } as const;
  run.submit(near("a", affinity), near("b", affinity), near("c", affinity));
  assertEquals(["a", "b", "c"].map((taskId) => run.workerOf(taskId)), ["w2", "w2", "w1"]);
});

Deno.test("a required worker that is given up leaves the task waiting, and its client warned", () => {
  const run = new Scenario({ warnUnholdableAfterMs: 1_000 });
  run.join("w1");
  run.join("w2");
  run.submit(near("a", { nodes: ["w2"], mode: "require" }));
  run.send({ type: "WorkerDied", workerId: "w2", reason: "killed" });
  run.send({ type: "WorkerHeard", workerId: "w1" });
  const [warning] = ofType(run.waitUntil(1_000), "WarnClient");
  assertStringIncludes(warning.warning, "1 cpu on w2");
  assertEquals(startsIn(run.join("w2")), ["a"]);
});
