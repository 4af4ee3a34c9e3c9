import { assert, assertEquals, assertStringIncludes, assertThrows } from "@std/assert";
import {
  checkInvariants,
  createScheduler,
  nextDeadlineMs,
  taskStory,
} from "../../../cluster/scheduler/mod.ts";
import { Scenario, taskSpec } from "./scenario.ts";

Deno.test("createScheduler() refuses an epoch that would make attempt numbers collide", () => {
  for (const epoch of [-1, 0.5, 2 ** 21, NaN]) {
    assertThrows(() => createScheduler({ epoch, seed: 0 }), RangeError, `it is ${epoch}`);
  }
});

Deno.test("a scheduler with nothing to wait for names no deadline", () => {
  assertEquals(nextDeadlineMs(createScheduler({ epoch: 0, seed: 0 })), Infinity);
});

Deno.test("a broken invariant is reported with the task's story", () => {
  const run = new Scenario();
  run.join("w");
  run.submit(taskSpec("a"));
  const task = run.state.tasks.get("a");
  assert(task !== undefined);
  task.attempt = undefined;
  const error = assertThrows(() => checkInvariants(run.state), Error, "Broken invariant");
  assertStringIncludes(error.message, "ready → assigned: a worker has room for it");
});

Deno.test("a story keeps the newest transitions only", () => {
  const run = new Scenario({ storyLength: 2, maxLosses: 100 });
  run.submit(taskSpec("a"));
  for (let i = 0; i < 5; i++) {
    run.join("w");
    run.send({ type: "WorkerDied", workerId: "w", reason: `death ${i}` });
  }
  const lines = taskStory(run.state, "a")?.split("\n") ?? [];
  assertEquals(lines.length, 3);
  assertStringIncludes(lines[2], "death 4");
});

Deno.test("what is remembered of names and shapes is bounded", () => {
  const run = new Scenario({ maxDurationNames: 5, maxIdleShapes: 3 });
  run.join("w", { cpus: 100 });
  for (let i = 1; i <= 20; i++) {
    run.submit(taskSpec(`t${i}`, { name: `name ${i}`, resources: { cpus: i } }));
    run.succeed(`t${i}`);
  }
  assertEquals(run.state.durations.size, 5);
  assertEquals(run.state.shapes.size, 3);
});
