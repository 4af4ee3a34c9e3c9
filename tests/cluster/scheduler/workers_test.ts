import { assert, assertEquals } from "@std/assert";
import { Scenario, startsIn, taskSpec } from "./scenario.ts";

/** A worker of `cpus` on which a task called "work" took `meanMs`, with as many new ones running. */
function warmed(cpus: number, meanMs: number): Scenario {
  const run = new Scenario({ prefetchTargetMs: 20, maxPrefetch: 8, recallAfterMs: 200 });
  run.join("w", { cpus });
  run.submit(taskSpec("first"));
  run.succeed("first", meanMs);
  return run;
}

function submitMany(run: Scenario, count: number): string[] {
  return startsIn(run.submit(...Array.from({ length: count }, (_, i) => taskSpec(`t${i}`))));
}

Deno.test("a worker gets no more than it can run while the durations of a name are unknown", () => {
  const run = new Scenario();
  run.join("w", { cpus: 2 });
  assertEquals(submitMany(run, 10).length, 2);
});

Deno.test("a worker gets no more than it can run when tasks of a name are long", () => {
  assertEquals(submitMany(warmed(2, 21), 10).length, 2);
});

Deno.test("short tasks queue at a worker for about the target time behind each slot", () => {
  const cases = [
    { cpus: 1, meanMs: 10, expected: 1 + 2 },
    { cpus: 2, meanMs: 5, expected: 2 + 8 },
    { cpus: 1, meanMs: 0.001, expected: 1 + 8 },
  ];
  for (const { cpus, meanMs, expected } of cases) {
    assertEquals(submitMany(warmed(cpus, meanMs), 50).length, expected, `mean ${meanMs}`);
  }
});

Deno.test("a queued attempt gets its resources when the one before it ends, and another one queues", () => {
  const run = warmed(1, 10);
  submitMany(run, 10);
  const worker = run.state.workers.get("w");
  assertEquals([worker?.admitted.size, worker?.backlog.size], [1, 2]);
  assertEquals(startsIn(run.succeed("t0", 10)), ["t3"]);
  assertEquals([worker?.admitted.size, worker?.backlog.size], [1, 2]);
});

Deno.test("tasks go to an idle worker before they queue at a busy one", () => {
  const run = warmed(1, 1);
  run.join("idle", { cpus: 1 });
  submitMany(run, 2);
  assertEquals([run.workerOf("t0"), run.workerOf("t1")], ["w", "idle"]);
});

Deno.test("nothing queues at a worker in the way of another shape that would fit there", () => {
  const run = new Scenario();
  run.join("w", { cpus: 3 });
  run.submit(taskSpec("first", { resources: { cpus: 2 } }));
  run.succeed("first", 1);
  run.submit(...["a", "b", "c"].map((id) => taskSpec(id, { resources: { cpus: 2 } })));
  assertEquals(run.state.workers.get("w")?.backlog.size, 2);
  run.submit(taskSpec("small"));
  run.submit(...["d", "e"].map((id) => taskSpec(id, { resources: { cpus: 2 } })));
  assertEquals(run.stateOf("d"), "ready");
  run.succeed("a", 1);
  run.succeed("b", 1);
  assertEquals(run.stateOf("small"), "assigned");
});

Deno.test("attempts that queue behind one that is not short after all are asked back and go elsewhere", () => {
  const run = warmed(1, 10);
  submitMany(run, 3);
  run.started("t0");
  const attemptId = run.attempt("t1").attemptId;
  run.waitUntil(200);
  assertEquals(run.all("CancelAttempt").map(({ taskId, reason }) => [taskId, reason]), [
    ["t1", "recalled"],
    ["t2", "recalled"],
  ]);
  assertEquals(run.stateOf("t1"), "assigned");
  run.ended("t1", { type: "cancelled" });
  assertEquals(run.stateOf("t1"), "ready", "the slow one entitles to no queue any more");
  assertEquals(run.state.tasks.get("t1")?.record.losses, 0);
  run.join("other");
  assertEquals(run.workerOf("t1"), "other");
  assert(run.attempt("t1").attemptId !== attemptId);
});

Deno.test("an attempt that had started when it was asked back runs on and counts", () => {
  const run = warmed(1, 10);
  submitMany(run, 2);
  run.waitUntil(200);
  run.succeed("t0");
  run.started("t1");
  run.succeed("t1");
  assertEquals(run.told("t1")[0].type, "succeeded");
});
