import { assertEquals } from "@std/assert";
import { countsByState } from "../../../cluster/scheduler/mod.ts";
import type { TaskRecord, TaskSpec } from "../../../cluster/scheduler/types.ts";
import { resultOf, Scenario, startsIn, taskSpec } from "./scenario.ts";

function record(spec: TaskSpec, changes: Partial<TaskRecord> = {}): TaskRecord {
  return {
    spec,
    state: "running",
    failures: 1,
    losses: 0,
    outcome: undefined,
    submittedAtMs: 5,
    finishedAtMs: undefined,
    life: undefined,
    ...changes,
  };
}

Deno.test("restored tasks are ready or waiting, and those that ended keep their outcome", () => {
  const run = new Scenario({ epoch: 2 });
  const outcome = { type: "succeeded", result: resultOf("done") } as const;
  run.restore([
    record(taskSpec("late", { dependencies: ["a", "done"] }), { state: "waiting" }),
    record(taskSpec("done"), { state: "succeeded", outcome }),
    record(taskSpec("a")),
    record(taskSpec("b", { dependencies: ["done"] })),
  ]);
  assertEquals(countsByState(run.state), {
    waiting: 1,
    ready: 2,
    delayed: 0,
    assigned: 0,
    running: 0,
    succeeded: 1,
    failed: 0,
    cancelled: 0,
  });
  run.submit(taskSpec("done"));
  assertEquals(run.told("done"), [outcome]);
});

Deno.test("after a restore nothing is assigned for a while, so that workers can claim what they run", () => {
  const run = new Scenario({ epoch: 2, restoreHoldMs: 2_000 });
  run.restore([record(taskSpec("a"))]);
  assertEquals(startsIn(run.join("w")), []);
  assertEquals(startsIn(run.waitUntil(1_999)), []);
  assertEquals(startsIn(run.waitUntil(2_000)), ["a"]);
});

Deno.test("a restore of what ended holds nothing back", () => {
  const run = new Scenario({ epoch: 2 });
  run.restore([record(taskSpec("a"), { state: "cancelled", outcome: { type: "cancelled" } })]);
  run.join("w");
  assertEquals(startsIn(run.submit(taskSpec("b"))), ["b"]);
});

Deno.test("a restored task whose dependency is missing fails", () => {
  const run = new Scenario({ epoch: 2 });
  run.restore([record(taskSpec("b", { dependencies: ["gone"] }))]);
  const [outcome] = run.told("b");
  assertEquals(outcome.type === "failed" && outcome.error.name, "UnknownDependency");
});
