import { assertEquals } from "@std/assert";
import { ofType, resultOf, Scenario, startsIn, taskSpec } from "./scenario.ts";

const SPECULATE = { rules: { speculate: true } };
const REPORT = { type: "succeeded", result: resultOf("slow"), durationMs: 100 } as const;

/** Two workers; a task of a name that takes 100 ms has been running on the first for 300 ms, the second idles. */
function withCopy(changes = {}): Scenario {
  const run = new Scenario({ speculateFactor: 3, speculateAfterMs: 50, speculateRecheckMs: 1_000 });
  run.join("w1");
  run.submit(taskSpec("usual", changes));
  run.succeed("usual", 100);
  run.submit(taskSpec("slow", { ...SPECULATE, ...changes }));
  run.started("slow");
  run.join("w2");
  run.waitUntil(300);
  return run;
}

function startsOf(run: Scenario, taskId: string): string[] {
  return run.all("StartAttempt").filter(({ spec }) => spec.taskId === taskId)
    .map(({ workerId }) => workerId);
}

Deno.test("a task that takes far longer than its name lets expect gets a second attempt on an idle worker", () => {
  const run = withCopy();
  assertEquals(startsOf(run, "slow"), ["w1", "w2"]);
  assertEquals(run.stateOf("slow"), "running");
});

Deno.test("a task that did not ask for it gets none", () => {
  assertEquals(startsOf(withCopy({ rules: {} }), "slow"), ["w1"]);
});

Deno.test("the second attempt succeeds first: it counts, and the first one is cancelled and fenced", () => {
  const run = withCopy();
  const [first, second] = run.all("StartAttempt").filter(({ spec }) => spec.taskId === "slow");
  const end = (attempt: typeof first) =>
    run.send({
      type: "AttemptEnded",
      taskId: "slow",
      workerId: attempt.workerId,
      attemptId: attempt.attemptId,
      report: REPORT,
    });
  assertEquals(
    ofType(end(second), "CancelAttempt").map(({ attemptId }) => attemptId),
    [first.attemptId],
  );
  assertEquals(run.told("slow"), [{ type: "succeeded", result: REPORT.result }]);
  assertEquals(end(first).map(({ type }) => type), ["AcknowledgeAttempt"]);
  assertEquals(run.told("slow").length, 1);
});

Deno.test("the first attempt succeeds after all: the copy is cancelled", () => {
  const run = withCopy();
  const [first, second] = run.all("StartAttempt").filter(({ spec }) => spec.taskId === "slow");
  const { workerId, attemptId } = first;
  const commands = run.send({
    type: "AttemptEnded",
    taskId: "slow",
    workerId,
    attemptId,
    report: REPORT,
  });
  assertEquals(
    ofType(commands, "CancelAttempt").map((cancel) => cancel.attemptId),
    [second.attemptId],
  );
});

Deno.test("of two attempts one that fails or is lost counts nothing: the other decides", () => {
  const run = withCopy();
  run.fail("slow");
  assertEquals(run.stateOf("slow"), "running");
  assertEquals(run.state.tasks.get("slow")?.record.failures, 0);
  const other = withCopy();
  other.send({ type: "WorkerDied", workerId: "w1", reason: "killed" });
  assertEquals(other.stateOf("slow"), "assigned");
  assertEquals(other.state.tasks.get("slow")?.record.losses, 0);
  other.started("slow");
  other.fail("slow");
  assertEquals(other.stateOf("slow"), "failed");
});

Deno.test("cancelling the task cancels both attempts", () => {
  const run = withCopy();
  const commands = run.send({ type: "CancelRequested", taskIds: ["slow"] });
  assertEquals(ofType(commands, "CancelAttempt").length, 2);
});

Deno.test("a copy never takes the place of a ready task, nor one on the same worker", () => {
  const run = new Scenario({ speculateFactor: 3, speculateAfterMs: 50, speculateRecheckMs: 1_000 });
  run.join("w1", { cpus: 2 });
  run.submit(taskSpec("usual"));
  run.succeed("usual", 100);
  run.submit(taskSpec("slow", SPECULATE));
  run.started("slow");
  run.waitUntil(900);
  assertEquals(startsOf(run, "slow"), ["w1"]);
  run.submit(taskSpec("next1", { resources: { cpus: 2 } }));
  assertEquals(startsIn(run.join("w2", { cpus: 2 })), ["next1"]);
  run.waitWithHeartbeats(2_500, "w1", "w2");
  assertEquals(startsOf(run, "slow"), ["w1"]);
  run.succeed("next1");
  run.waitWithHeartbeats(4_000, "w1", "w2");
  assertEquals(startsOf(run, "slow"), ["w1", "w2"]);
});

Deno.test("nothing is copied before anything is known of the name, and then it is", () => {
  const run = new Scenario({ speculateFactor: 3, speculateAfterMs: 50, speculateRecheckMs: 1_000 });
  run.join("w1", { cpus: 2 });
  run.join("w2");
  run.submit(taskSpec("slow", SPECULATE), taskSpec("usual"));
  run.started("slow");
  run.waitWithHeartbeats(3_000, "w1", "w2");
  assertEquals(startsOf(run, "slow").length, 1);
  run.succeed("usual", 100);
  run.waitWithHeartbeats(4_000, "w1", "w2");
  assertEquals(startsOf(run, "slow").length, 2);
});
