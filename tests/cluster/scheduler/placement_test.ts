import { assertEquals } from "@std/assert";
import { Scenario, startsIn, taskSpec } from "./scenario.ts";

Deno.test("a ready task stays with the scheduler until a worker has room", () => {
  const run = new Scenario();
  run.join("w");
  assertEquals(startsIn(run.submit(taskSpec("a"), taskSpec("b"))), ["a"]);
  assertEquals(run.stateOf("b"), "ready");
  assertEquals(startsIn(run.succeed("a")), ["b"]);
});

Deno.test("tasks go to the worker with the smallest share in use, the first to join among equals", () => {
  const run = new Scenario();
  run.join("small", { cpus: 2 });
  run.join("large", { cpus: 4 });
  run.submit(...["a", "b", "c", "d", "e", "f"].map((taskId) => taskSpec(taskId)));
  assertEquals(["a", "b", "c", "d", "e", "f"].map((taskId) => run.workerOf(taskId)), [
    "small",
    "large",
    "large",
    "small",
    "large",
    "large",
  ]);
});

Deno.test("the higher priority goes first, across shapes too", () => {
  const run = new Scenario();
  run.submit(
    taskSpec("low"),
    taskSpec("high", { priority: 5, resources: { cpus: 2 } }),
    taskSpec("middle", { priority: 1 }),
  );
  assertEquals(startsIn(run.join("w", { cpus: 4 })), ["high", "middle", "low"]);
});

Deno.test("fractions of a resource add up to the whole", () => {
  const run = new Scenario();
  run.join("w", { cpus: 1 });
  const specs = Array.from(
    { length: 12 },
    (_, i) => taskSpec(`t${i}`, { resources: { cpus: 0.1 } }),
  );
  assertEquals(startsIn(run.submit(...specs)).length, 10);
});

Deno.test("every resource of a task must fit, labels too", () => {
  const run = new Scenario();
  run.join("plain", { cpus: 8, memoryBytes: 4e9 });
  run.join("gpu", { cpus: 8, memoryBytes: 4e9, gpu: 1 });
  run.submit(
    taskSpec("a", { resources: { cpus: 1, gpu: 1 } }),
    taskSpec("b", { resources: { gpu: 1, cpus: 1 } }),
    taskSpec("c", { resources: { memoryBytes: 5e9 } }),
  );
  assertEquals(run.workerOf("a"), "gpu");
  assertEquals([run.stateOf("b"), run.stateOf("c")], ["ready", "ready"]);
});

Deno.test("a task without resources still takes one of the worker's attempts", () => {
  const run = new Scenario({ maxAttemptsPerWorker: 2 });
  run.join("w", { cpus: 1 });
  const specs = ["a", "b", "c"].map((taskId) => taskSpec(taskId, { resources: { cpus: 0 } }));
  assertEquals(startsIn(run.submit(...specs)), ["a", "b"]);
});

Deno.test("a large task that fits nowhere now does not block small ones of lower priority", () => {
  const run = new Scenario();
  run.join("w", { cpus: 2 });
  run.submit(taskSpec("first"));
  const started = run.submit(
    taskSpec("large", { priority: 1, resources: { cpus: 2 } }),
    taskSpec("small"),
  );
  assertEquals(startsIn(started), ["small"]);
});

Deno.test("a large task is not starved: overtaken for too long, it gets a worker held free", () => {
  const run = new Scenario({ reserveAfterMs: 5_000 });
  run.join("w", { cpus: 2 });
  run.submit(taskSpec("t0"), taskSpec("large", { resources: { cpus: 2 } }));
  let newest = 0;
  for (let ms = 500; run.stateOf("large") === "ready" && ms < 20_000; ms += 500) {
    run.waitUntil(ms);
    run.submit(taskSpec(`t${++newest}`));
    // The oldest that runs ends: one cpu is free, and never both while small ones may take it.
    const oldest = [...run.state.workers.get("w")?.admitted.values() ?? []][0];
    if (oldest?.task !== undefined) run.succeed(oldest.taskId);
  }
  assertEquals(run.stateOf("large"), "assigned");
  assertEquals(run.nowMs, 5_500, "overtaken at 500 ms, reserved and then placed at 5,500 ms");
  assertEquals(run.state.reservationCount, 0);
});

Deno.test("a reservation ends when its task is cancelled or its worker is gone", () => {
  for (const end of ["cancel", "die", "disconnect", "drain"]) {
    const run = new Scenario({ reserveAfterMs: 1_000 });
    run.join("w", { cpus: 2 });
    run.submit(taskSpec("a"), taskSpec("large", { resources: { cpus: 2 } }), taskSpec("b"));
    run.waitUntil(1_000);
    assertEquals(run.state.reservationCount, 1);
    if (end === "cancel") run.send({ type: "CancelRequested", taskIds: ["large"] });
    if (end === "die") run.send({ type: "WorkerDied", workerId: "w", reason: "killed" });
    if (end === "disconnect") run.send({ type: "WorkerDisconnected", workerId: "w" });
    if (end === "drain") run.send({ type: "DrainRequested", workerId: "w", graceMs: Infinity });
    assertEquals(run.state.reservationCount, 0, end);
  }
});

Deno.test("a reservation ends with the first task that was placed, though more of its shape wait", () => {
  const run = new Scenario({ reserveAfterMs: 1_000 });
  run.join("w", { cpus: 3 });
  const large = { resources: { cpus: 2 } };
  run.submit(taskSpec("a", large), taskSpec("large1", large), taskSpec("large2", large));
  run.submit(taskSpec("b"));
  run.waitUntil(1_000);
  assertEquals(startsIn(run.succeed("b")), [], "held free for the large ones");
  assertEquals(startsIn(run.succeed("a")), ["large1"]);
  assertEquals(startsIn(run.submit(taskSpec("c"))), ["c"]);
});
