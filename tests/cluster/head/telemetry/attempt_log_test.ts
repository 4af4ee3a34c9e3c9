import { assertEquals } from "@std/assert";
import { AttemptLog } from "../../../../cluster/head/telemetry/attempt_log.ts";
import type { AttemptRecord } from "../../../../cluster/head/telemetry/attempt_record.ts";
import { Counters } from "../../../../cluster/head/telemetry/counters.ts";
import type { SchedulerCommand, SchedulerEvent } from "../../../../cluster/scheduler/types.ts";
import { Scenario, taskSpec } from "../../scheduler/scenario.ts";

/** A scenario whose attempts are followed. */
class Followed extends Scenario {
  readonly records: AttemptRecord[] = [];
  readonly counters = new Counters();
  readonly attempts = new AttemptLog(
    this.state,
    this.counters.listener((record) => this.records.push(record)),
  );

  override send(event: SchedulerEvent): SchedulerCommand[] {
    const commands = super.send(event);
    this.counters.take(commands, this.state.tasks);
    this.attempts.take(event, commands, this.nowMs);
    return commands;
  }

  /** Each attempt that ended: its task, how, and why. */
  ends(): (string | undefined)[][] {
    return this.records.map(({ taskId, end, cause }) => [taskId, end, cause]);
  }
}

Deno.test("an attempt's times are those of its submission, readiness, assignment, start and end", () => {
  const run = new Followed();
  run.nowMs = 100;
  run.submit(taskSpec("first"), taskSpec("second", { dependencies: ["first"], name: "sum" }));
  run.nowMs = 200;
  run.join("w");
  run.nowMs = 210;
  run.started("first");
  run.nowMs = 300;
  run.succeed("first", 90);
  run.nowMs = 310;
  run.started("second");
  run.nowMs = 350;
  run.succeed("second", 40);
  const [first, second] = run.records;
  assertEquals(
    [first.submittedAtMs, first.readyAtMs, first.assignedAtMs, first.startedAtMs, first.endedAtMs],
    [100, 100, 200, 210, 300],
  );
  assertEquals(
    [second.submittedAtMs, second.readyAtMs, second.assignedAtMs, second.startedAtMs],
    [100, 300, 300, 310],
  );
  assertEquals([second.name, second.runId, second.workerId], ["sum", "client", "w"]);
  assertEquals([second.dependencies, second.durationMs], [["first"], 40]);
  assertEquals(run.attempts.openCount, 0);
  assertEquals([run.counters.queueSeconds.sum, run.counters.durationSeconds.sum], [0.1, 0.13]);
});

Deno.test("an attempt whose start was not reported, or late, began as long before its end as it took", () => {
  const run = new Followed();
  run.join("w");
  run.nowMs = 1_000;
  run.submit(taskSpec("a"));
  run.nowMs = 1_050;
  run.succeed("a", 20);
  run.submit(taskSpec("b"));
  run.nowMs = 1_150;
  run.started("b");
  run.nowMs = 1_200;
  run.succeed("b", 140);
  assertEquals(
    run.records.map(({ startedAtMs, endedAtMs }) => [startedAtMs, endedAtMs]),
    [[1_030, 1_050], [1_060, 1_200]],
  );
});

Deno.test("a failure, its retry and a timeout are attempts of their own, each with its cause", () => {
  const run = new Followed();
  const retry = { maxAttempts: 3, baseDelayMs: 0, maxDelayMs: 0 };
  run.join("w");
  run.submit(taskSpec("a", { retry, runTimeoutMs: 1_000 }));
  run.fail("a", "no luck");
  run.started("a");
  run.waitWithHeartbeats(1_500, "w");
  run.send({
    type: "AttemptEnded",
    workerId: "w",
    taskId: "a",
    attemptId: run.all("StartAttempt")[1].attemptId,
    report: { type: "cancelled" },
  });
  run.succeed("a");
  assertEquals(run.ends(), [
    ["a", "failed", "thrown: Error: no luck"],
    ["a", "timed_out", "timed_out"],
    ["a", "succeeded", undefined],
  ]);
  const { startedAttempts, repeatedAttempts, endedTasks, submittedTasks } = run.counters;
  assertEquals([startedAttempts, repeatedAttempts], [3, 2]);
  assertEquals([submittedTasks, endedTasks], [1, { succeeded: 1, failed: 0, cancelled: 0 }]);
});

Deno.test("attempts of a worker that died, that fell silent or that forgot them are lost", () => {
  const run = new Followed();
  run.submit(taskSpec("a"), taskSpec("b"), taskSpec("c"));
  for (const worker of ["dies", "silent", "forgets"]) run.join(worker);
  run.send({ type: "WorkerDied", workerId: "dies", reason: "its machine was taken" });
  run.join("forgets", { cpus: 1 }, []);
  run.waitWithHeartbeats(20_000, "forgets");
  assertEquals(run.ends(), [
    ["a", "lost", "its machine was taken"],
    ["c", "lost", "its worker did not have it any more"],
    ["b", "lost", "nothing was heard of it for 10000 ms"],
  ]);
  assertEquals(run.counters.endedAttempts.lost, 3);
});

Deno.test("an attempt that an earlier start of the head made is followed once its worker has joined", () => {
  const before = new Scenario();
  before.join("w");
  before.submit(taskSpec("a"));
  const { attemptId } = before.attempt("a");
  const run = new Followed({ epoch: 2 });
  run.restore([{ ...before.all("SaveTask")[0].task, state: "waiting" }]);
  run.join("w", { cpus: 1 }, [{ type: "running", taskId: "a", attemptId }]);
  assertEquals(run.attempts.openCount, 1);
  run.send({
    type: "AttemptEnded",
    workerId: "w",
    taskId: "a",
    attemptId,
    report: { type: "cancelled" },
  });
  assertEquals(run.ends(), [["a", "cancelled", undefined]]);
});

Deno.test("a cancelled task's attempt is cancelled, and ends when its worker says so", () => {
  const run = new Followed();
  run.join("w");
  run.submit(taskSpec("a"));
  run.send({ type: "CancelRequested", taskIds: ["a"] });
  assertEquals([run.ends(), run.attempts.openCount], [[], 1]);
  run.ended("a", { type: "cancelled" });
  assertEquals(run.ends(), [["a", "cancelled", "cancelled"]]);
});
