import { assertEquals } from "@std/assert";
import { nextDeadlineMs } from "../../../cluster/scheduler/mod.ts";
import { ofType, Scenario, startsIn, taskSpec } from "./scenario.ts";

const HOUR_MS = 3_600_000;
const RETRY = { retry: { maxAttempts: 2, baseDelayMs: 1_000, maxDelayMs: 1_000 } };

Deno.test("a clock that is set back stands for no time: deadlines move with it", () => {
  const run = new Scenario();
  run.nowMs = 5 * HOUR_MS;
  run.submit(taskSpec("a", RETRY));
  run.join("w");
  run.fail("a");
  const dueInMs = nextDeadlineMs(run.state) - run.nowMs;
  run.nowMs = 2 * HOUR_MS;
  run.send({ type: "WorkerHeard", workerId: "w" });
  assertEquals(nextDeadlineMs(run.state) - run.nowMs, dueInMs);
  assertEquals(startsIn(run.waitUntil(2 * HOUR_MS + dueInMs)), ["a"]);
});

Deno.test("a task that is submitted after the clock was set back carries the new time", () => {
  const run = new Scenario();
  run.nowMs = 1_000;
  run.submit(taskSpec("a"));
  run.nowMs = 10;
  run.submit(taskSpec("b"));
  assertEquals(run.state.tasks.get("b")?.record.submittedAtMs, 10);
});

for (
  const [first, event] of [
    ["a tick", { type: "Ticked" }],
    ["another worker's heartbeat", { type: "WorkerHeard", workerId: "other" }],
    ["a report", undefined],
  ] as const
) {
  Deno.test(`the clock jumps ahead by hours, noticed first by ${first}: nobody was silent, nothing ran too long`, () => {
    const run = new Scenario({ silentAfterMs: 10_000 });
    run.join("w", { cpus: 2 });
    run.join("other", { cpus: 1 });
    run.submit(
      taskSpec("a", { runTimeoutMs: 60_000 }),
      taskSpec("b"),
      taskSpec("c", { resources: { cpus: 9 }, rules: { queueTimeoutMs: 60_000 } }),
    );
    run.started("a");
    run.nowMs = 8 * HOUR_MS;
    if (event === undefined) run.succeed("b");
    else run.send(event);
    run.send({ type: "Ticked" });
    assertEquals(run.all("DropWorker"), []);
    assertEquals(run.stateOf("a"), "running");
    assertEquals(run.told("c"), []);
    const commands = run.waitUntil(run.nowMs + 10_000);
    assertEquals(ofType(commands, "DropWorker").length, 2);
  });
}

Deno.test("the sleep of a head does not use up the grace of a worker that was disconnected before", () => {
  const run = new Scenario({ reconnectGraceMs: 2_000 });
  run.join("w");
  run.submit(taskSpec("a"));
  run.nowMs = 1_000;
  run.send({ type: "WorkerDisconnected", workerId: "w" });
  run.nowMs = HOUR_MS;
  run.send({ type: "Ticked" });
  assertEquals(run.stateOf("a"), "assigned");
  run.waitUntil(HOUR_MS + 2_000);
  assertEquals(run.stateOf("a"), "ready");
});

Deno.test("a long wait without any deadline before it is no sleep", () => {
  const run = new Scenario();
  run.submit(taskSpec("a", { rules: { queueTimeoutMs: 5 * HOUR_MS } }));
  run.waitUntil(5 * HOUR_MS);
  assertEquals(run.stateOf("a"), "failed");
});
