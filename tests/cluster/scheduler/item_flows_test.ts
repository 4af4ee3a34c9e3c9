import { assertEquals, assertStringIncludes } from "@std/assert";
import type { StreamResume, TaskOutcome } from "../../../cluster/scheduler/types.ts";
import { Scenario, taskSpec } from "./scenario.ts";

const RETRY = { maxAttempts: 3, baseDelayMs: 0, maxDelayMs: 0 };
const GRACE_MS = 100;

/** A worker that runs the stream `s`. */
function streaming(stream: StreamResume): Scenario {
  const run = new Scenario({ objectGraceMs: GRACE_MS });
  run.join("w");
  run.submit(taskSpec("s", { retry: RETRY, rules: { stream } }));
  run.started("s");
  return run;
}

/** The attempt gives an item that is an object, named after its number. */
function give(run: Scenario, index: number, attemptId = run.attempt("s").attemptId): void {
  const object = { objectId: `item ${index}`, sizeBytes: 1 };
  run.send({ type: "ObjectsStored", holder: undefined, objects: [object] });
  const objects = [{ index, ...object }];
  run.send({ type: "ItemsSent", taskId: "s", attemptId, objects });
}

function arrive(run: Scenario, received: number, clientId = "client"): void {
  run.send({ type: "ItemsReceived", taskId: "s", clientId, received });
}

function deleted(run: Scenario): string[] {
  return run.all("DeleteObject").map(({ objectId }) => objectId);
}

function errorOf(outcome: TaskOutcome | undefined): string {
  return outcome?.type === "failed" ? `${outcome.error.kind}: ${outcome.error.message}` : "";
}

Deno.test("items on their way are kept until they have arrived, then for whoever holds them", () => {
  const run = streaming("never");
  [0, 1, 2].forEach((index) => give(run, index));
  run.waitUntil(1_000);
  assertEquals(deleted(run), []);
  run.send({
    type: "ObjectsHeld",
    clientId: "client",
    objects: [{ objectId: "item 0", sizeBytes: 1 }],
  });
  arrive(run, 2);
  run.waitUntil(2_000);
  assertEquals(deleted(run), ["item 1"], "the reader holds the other one that arrived");
  give(run, 1);
  run.waitUntil(3_000);
  assertEquals(deleted(run), ["item 1", "item 1"], "what comes again has arrived before");
});

Deno.test("one object that is two items is kept for the second", () => {
  const run = streaming("never");
  const object = { objectId: "zeros", sizeBytes: 1 };
  run.send({ type: "ObjectsStored", holder: undefined, objects: [object] });
  const { attemptId } = run.attempt("s");
  const objects = [0, 1].map((index) => ({ index, ...object }));
  run.send({ type: "ItemsSent", taskId: "s", attemptId, objects });
  arrive(run, 1);
  run.waitUntil(1_000);
  assertEquals(deleted(run), []);
  arrive(run, 2);
  run.waitUntil(2_000);
  assertEquals(deleted(run), ["zeros"]);
});

Deno.test("items on their way outlive their attempt, and end with the task's release", () => {
  const run = streaming("never");
  give(run, 0);
  run.fail("s");
  run.fail("s");
  run.fail("s");
  run.waitUntil(1_000);
  assertEquals([run.stateOf("s"), deleted(run)], ["failed", []]);
  run.send({ type: "TasksReleased", taskIds: ["s"] });
  run.waitUntil(2_000);
  assertEquals(deleted(run), ["item 0"]);
});

Deno.test("items of a stale attempt are not kept, and what a stranger says of arrivals counts nothing", () => {
  const run = streaming("restart");
  const { attemptId } = run.attempt("s");
  run.fail("s");
  give(run, 0, attemptId);
  run.waitUntil(1_000);
  assertEquals(deleted(run), ["item 0"]);
  give(run, 1);
  arrive(run, 2, "stranger");
  run.waitUntil(2_000);
  assertEquals(deleted(run), ["item 0"]);
});

Deno.test("with never a failure is final once items have arrived, and tried again before", () => {
  const run = streaming("never");
  run.fail("s");
  assertEquals(run.attempt("s").attemptNumber, 2);
  arrive(run, 1);
  run.fail("s", "broken pipe");
  assertEquals(errorOf(run.told("s").at(-1)), "thrown: broken pipe");
});

Deno.test("with never a lost or drained node ends a stream of which items have arrived", () => {
  const endings: ((run: Scenario) => void)[] = [
    (run) => run.send({ type: "WorkerDied", workerId: "w", reason: "power" }),
    (run) => {
      run.send({ type: "DrainRequested", workerId: "w", graceMs: 10 });
      run.waitUntil(20);
    },
  ];
  for (const end of endings) {
    const run = streaming("never");
    run.join("other");
    arrive(run, 7);
    end(run);
    assertStringIncludes(
      errorOf(run.told("s").at(-1)),
      "interrupted: Cannot go on with work: items",
    );
  }
});

Deno.test("with restart and continue another attempt begins, whatever has arrived", () => {
  for (const stream of ["restart", "continue"] as const) {
    const run = streaming(stream);
    arrive(run, 5);
    run.fail("s");
    assertEquals(run.attempt("s").attemptNumber, 2);
    run.join("other");
    run.send({ type: "WorkerDied", workerId: "w", reason: "power" });
    assertEquals([run.attempt("s").attemptNumber, run.workerOf("s")], [3, "other"]);
  }
});
