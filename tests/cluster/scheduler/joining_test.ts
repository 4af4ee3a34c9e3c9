import { assertEquals } from "@std/assert";
import type { HeldAttempt, TaskRecord } from "../../../cluster/scheduler/types.ts";
import { ofType, resultOf, Scenario, startsIn, taskSpec } from "./scenario.ts";

const OLD_ATTEMPT = 5;

function running(taskId: string, attemptId: number): HeldAttempt {
  return { type: "running", taskId, attemptId };
}

function finished(taskId: string, attemptId: number): HeldAttempt {
  const report = { type: "succeeded", result: resultOf(taskId), durationMs: 5 } as const;
  return { type: "finished", taskId, attemptId, report };
}

function record(taskId: string, changes: Partial<TaskRecord> = {}): TaskRecord {
  return {
    spec: taskSpec(taskId),
    state: "running",
    failures: 0,
    losses: 0,
    outcome: undefined,
    submittedAtMs: 0,
    finishedAtMs: undefined,
    life: undefined,
    ...changes,
  };
}

function disconnected(): Scenario {
  const run = new Scenario();
  run.join("w", { cpus: 2 });
  run.submit(taskSpec("a", { runTimeoutMs: 5_000 }), taskSpec("b"));
  run.send({ type: "WorkerDisconnected", workerId: "w" });
  return run;
}

Deno.test("what a worker still runs when it comes back goes on, and counts as started", () => {
  const run = disconnected();
  const held = ["a", "b"].map((id) => running(id, run.attempt(id).attemptId));
  assertEquals(run.join("w", { cpus: 2 }, held), []);
  assertEquals([run.stateOf("a"), run.stateOf("b")], ["running", "running"]);
  run.succeed("a");
  assertEquals(run.told("a")[0].type, "succeeded");
});

Deno.test("what finished while a worker was away is committed and acknowledged", () => {
  const run = disconnected();
  const { attemptId } = run.attempt("a");
  const commands = run.join("w", { cpus: 2 }, [
    finished("a", attemptId),
    running("b", run.attempt("b").attemptId),
  ]);
  assertEquals(ofType(commands, "AcknowledgeAttempt").map((ack) => ack.attemptId), [attemptId]);
  assertEquals(run.told("a"), [{ type: "succeeded", result: resultOf("a") }]);
});

Deno.test("an attempt that never reached its worker is lost and starts anew", () => {
  const run = disconnected();
  const commands = run.join("w", { cpus: 2 }, [running("a", run.attempt("a").attemptId)]);
  assertEquals(startsIn(commands), ["b"]);
  assertEquals(run.state.tasks.get("b")?.record.losses, 1);
});

Deno.test("what was cancelled while a worker was away is cancelled when it comes back", () => {
  const run = disconnected();
  const { attemptId } = run.attempt("a");
  run.send({ type: "CancelRequested", taskIds: ["a"] });
  const commands = run.join("w", { cpus: 2 }, [
    running("a", attemptId),
    running("b", run.attempt("b").attemptId),
  ]);
  assertEquals(
    ofType(commands, "CancelAttempt").map((cancel) => [cancel.attemptId, cancel.reason]),
    [
      [attemptId, "stale"],
    ],
  );
});

Deno.test("a worker that was given up and comes back joins as a new one, its attempts are stale", () => {
  const run = disconnected();
  const a = run.attempt("a").attemptId;
  const b = run.attempt("b").attemptId;
  run.waitUntil(2_000);
  const commands = run.join("w", { cpus: 2 }, [running("a", a), finished("b", b)]);
  assertEquals(ofType(commands, "CancelAttempt").map(({ attemptId }) => attemptId), [a]);
  assertEquals(ofType(commands, "AcknowledgeAttempt").map(({ attemptId }) => attemptId), [b]);
  assertEquals(startsIn(commands), ["a", "b"]);
  assertEquals(run.told("b"), []);
});

Deno.test("a worker that comes back with less capacity keeps what still fits", () => {
  const run = new Scenario();
  run.join("w", { cpus: 4 });
  run.submit(taskSpec("a"), taskSpec("large", { resources: { cpus: 3 } }));
  const held = ["a", "large"].map((id) => running(id, run.attempt(id).attemptId));
  const commands = run.join("w", { cpus: 2 }, held);
  assertEquals(run.stateOf("a"), "running");
  assertEquals(run.stateOf("large"), "ready");
  assertEquals(ofType(commands, "CancelAttempt").map(({ taskId }) => taskId), ["large"]);
});

Deno.test("after a restart of the head a worker keeps what it runs; a second claimant is stale", () => {
  const run = new Scenario({ epoch: 2 });
  run.restore([record("a")]);
  assertEquals(run.join("w1", { cpus: 1 }, [running("a", OLD_ATTEMPT)]), []);
  assertEquals(run.stateOf("a"), "running");
  const commands = run.join("w2", { cpus: 1 }, [running("a", OLD_ATTEMPT + 1)]);
  assertEquals(ofType(commands, "CancelAttempt").map(({ workerId }) => workerId), ["w2"]);
  const report = { type: "succeeded", result: resultOf("a"), durationMs: 5 } as const;
  run.send({
    type: "AttemptEnded",
    workerId: "w1",
    taskId: "a",
    attemptId: OLD_ATTEMPT,
    report,
  });
  assertEquals(run.told("a"), [{ type: "succeeded", result: resultOf("a") }]);
});

Deno.test("after a restart of the head a result that a worker kept is committed", () => {
  const run = new Scenario({ epoch: 2 });
  run.restore([record("a")]);
  run.join("w", { cpus: 1 }, [finished("a", OLD_ATTEMPT)]);
  assertEquals(run.told("a"), [{ type: "succeeded", result: resultOf("a") }]);
});

Deno.test("an attempt from before the restart that was given up cannot claim its task a second time", () => {
  const run = new Scenario({ epoch: 2 });
  run.restore([record("a")]);
  run.join("w", { cpus: 1 }, [running("a", OLD_ATTEMPT)]);
  run.send({ type: "WorkerDied", workerId: "w", reason: "killed" });
  const commands = run.join("w", { cpus: 1 }, [running("a", OLD_ATTEMPT)]);
  assertEquals(ofType(commands, "CancelAttempt").map(({ attemptId }) => attemptId), [OLD_ATTEMPT]);
});
