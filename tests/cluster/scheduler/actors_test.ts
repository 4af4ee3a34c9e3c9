import { assert, assertEquals } from "@std/assert";
import type {
  Checkpoint,
  EndReport,
  SchedulerCommand,
  TaskRecord,
  TaskSpec,
} from "../../../cluster/scheduler/types.ts";
import { ofType, resultOf, Scenario, taskSpec } from "./scenario.ts";

const CRASH: EndReport = {
  type: "failed",
  error: { kind: "crashed", name: "ExecutorCrashed", message: "exit code 3" },
  durationMs: 1,
};

function creation(taskId: string, changes: Partial<TaskSpec> = {}, name?: string): TaskSpec {
  return taskSpec(taskId, {
    resources: {},
    actor: {
      type: "creation",
      maxConcurrency: 1,
      isDetached: false,
      ...(name === undefined ? {} : { name }),
    },
    ...changes,
  });
}

let sequence = 0;

function call(taskId: string, actorId: string, changes: Partial<TaskSpec> = {}): TaskSpec {
  const actor = { type: "call", actorId, sequence: sequence++ } as const;
  return taskSpec(taskId, { resources: {}, actor, ...changes });
}

function succeeded(taskId: string): EndReport {
  return { type: "succeeded", result: resultOf(taskId), durationMs: 1 };
}

/** The ids of the calls that these commands start, in order. */
function callsIn(commands: readonly SchedulerCommand[]): string[] {
  return ofType(commands, "StartCall").map(({ spec }) => spec.taskId);
}

/** A scenario with words for actors. */
class ActorScenario extends Scenario {
  lastStart(taskId: string) {
    const starts = [...this.all("StartActor"), ...this.all("StartCall")];
    const start = starts.filter(({ spec }) => spec.taskId === taskId)
      .sort((a, b) => a.attemptId - b.attemptId).at(-1);
    if (start === undefined) throw new Error(`${taskId} was never started`);
    return start;
  }

  ready(actorId: string): SchedulerCommand[] {
    const { workerId, attemptId } = this.lastStart(actorId);
    return this.send({ type: "ActorReady", workerId, taskId: actorId, attemptId });
  }

  report(taskId: string, report: EndReport, checkpoint?: Checkpoint): SchedulerCommand[] {
    const { workerId, attemptId } = this.lastStart(taskId);
    const told = checkpoint === undefined
      ? report
      : { type: "checkpointed" as const, report, checkpoint };
    return this.send({ type: "AttemptEnded", workerId, taskId, attemptId, report: told });
  }

  errorOf(taskId: string): string {
    const outcome = this.told(taskId).at(-1);
    return outcome?.type === "failed" ? `${outcome.error.kind} ${outcome.error.message}` : "";
  }
}

function alive(...specs: TaskSpec[]): ActorScenario {
  const run = new ActorScenario();
  run.join("w", { cpus: 1 });
  run.submit(creation("a", { retry: { maxAttempts: 3, baseDelayMs: 0, maxDelayMs: 0 } }));
  run.ready("a");
  if (specs.length > 0) run.submit(...specs);
  return run;
}

Deno.test("calls wait until their actor is ready, then go to its worker in the client's order", () => {
  const run = new ActorScenario();
  run.submit(creation("a"), call("1", "a"), call("2", "a"));
  assertEquals(callsIn(run.join("w")), []);
  assertEquals(callsIn(run.ready("a")), ["1", "2"]);
  run.report("1", succeeded("1"));
  assertEquals(run.told("1"), [{ type: "succeeded", result: resultOf("1") }]);
});

Deno.test("a call that waits for a dependency holds back its client's later calls, and nobody else's", () => {
  const run = alive();
  run.submit(taskSpec("slow"));
  const own = [call("1", "a", { dependencies: ["slow"] }), call("2", "a")];
  assertEquals(callsIn(run.submit(...own, call("3", "a", { clientId: "other" }))), ["3"]);
  assertEquals(callsIn(run.succeed("slow")), ["1", "2"]);
});

Deno.test("an actor that works on several calls at once does not wait for the order", () => {
  const run = new ActorScenario();
  run.join("w");
  run.submit(
    creation("a", { actor: { type: "creation", maxConcurrency: 2, isDetached: false } }),
    taskSpec("slow"),
  );
  run.ready("a");
  const commands = run.submit(call("1", "a", { dependencies: ["slow"] }), call("2", "a"));
  assertEquals(callsIn(commands), ["2"]);
});

Deno.test("an actor has a bounded number of calls at its worker, and of bytes", () => {
  const run = new ActorScenario({ maxCallsInFlight: 2, maxCallBytesInFlight: 10 });
  run.join("w");
  run.submit(creation("a"));
  run.ready("a");
  assertEquals(callsIn(run.submit(call("1", "a"), call("2", "a"), call("3", "a"))), ["1", "2"]);
  assertEquals(callsIn(run.report("1", succeeded("1"))), ["3"]);
  run.report("2", succeeded("2"));
  run.report("3", succeeded("3"));
  const large = { payload: new Uint8Array(10) };
  assertEquals(callsIn(run.submit(call("4", "a", large), call("5", "a"))), ["4"]);
  assertEquals(callsIn(run.report("4", succeeded("4"))), ["5"]);
});

Deno.test("clients of one actor take turns", () => {
  const run = new ActorScenario({ maxCallsInFlight: 1 });
  run.join("w");
  run.submit(creation("a"));
  run.ready("a");
  run.submit(call("1", "a"), call("2", "a"), call("3", "a"));
  run.submit(call("4", "a", { clientId: "other" }));
  assertEquals(callsIn(run.report("1", succeeded("1"))), ["2"]);
  assertEquals(callsIn(run.report("2", succeeded("2"))), ["4"]);
});

Deno.test("when the process is lost, what it had begun fails, and what it had not runs in the next life", () => {
  const run = alive(call("1", "a"), call("2", "a"), call("3", "a"));
  run.report("a", CRASH);
  run.report("1", CRASH);
  run.report("2", { type: "cancelled" });
  run.report("3", { type: "cancelled" });
  assert(run.errorOf("1").startsWith("actor_lost"), run.errorOf("1"));
  assertEquals(callsIn(run.ready("a")), ["2", "3"]);
});

Deno.test("a call that may be tried again is, in its place among the others", () => {
  const retry = { maxAttempts: 2, baseDelayMs: 0, maxDelayMs: 0 };
  const run = alive(call("1", "a", { retry }), call("2", "a"));
  run.report("a", CRASH);
  run.report("2", { type: "cancelled" });
  run.report("1", CRASH);
  assertEquals(callsIn(run.ready("a")), ["1", "2"]);
  run.report("a", CRASH);
  run.report("1", CRASH);
  assert(run.errorOf("1").startsWith("actor_lost"));
});

Deno.test("calls that an earlier life never answered are lost when the next one is ready", () => {
  const run = alive(call("1", "a"));
  run.report("a", CRASH);
  run.ready("a");
  assert(run.errorOf("1").startsWith("actor_lost"), run.errorOf("1"));
});

Deno.test("an actor that may not be started again takes all its calls with it, and says why", () => {
  const run = new ActorScenario();
  run.join("w");
  run.submit(creation("a"), call("1", "a"));
  run.ready("a");
  run.submit(taskSpec("slow"), call("2", "a", { dependencies: ["slow"] }));
  run.report("a", CRASH);
  assert(/^actor_lost .*exit code 3/.test(run.errorOf("1")), run.errorOf("1"));
  assert(/^actor_dead .*exit code 3/.test(run.errorOf("2")), run.errorOf("2"));
  run.submit(call("3", "a"));
  assert(/^actor_dead .*exit code 3/.test(run.errorOf("3")), run.errorOf("3"));
  run.submit(call("4", "nobody"));
  assert(run.errorOf("4").startsWith("actor_dead"), run.errorOf("4"));
});

Deno.test("an actor whose constructor throws is not started again", () => {
  const run = new ActorScenario();
  run.join("w");
  run.submit(creation("a", { retry: { maxAttempts: 9, baseDelayMs: 0, maxDelayMs: 0 } }));
  const error = { kind: "thrown", name: "RangeError", message: "no symbols" } as const;
  run.report("a", { type: "failed", error, durationMs: 1 });
  assertEquals(run.stateOf("a"), "failed");
});

Deno.test("a name belongs to one living actor, and is free again when it ended", () => {
  const run = new ActorScenario();
  run.join("w");
  run.submit(creation("a", {}, "prices"), creation("b", {}, "prices"));
  assert(run.errorOf("b").includes("actor a of client client has it"), run.errorOf("b"));
  const seek = { type: "ActorSought", clientId: "client", requestId: 1, name: "prices" } as const;
  assertEquals(ofType(run.send(seek), "TellActor")[0].actorId, "a");
  run.send({ type: "CancelRequested", taskIds: ["a"] });
  assertEquals(ofType(run.send(seek), "TellActor")[0].actorId, undefined);
  run.submit(creation("c", {}, "prices"));
  assertEquals(run.stateOf("c"), "assigned");
});

Deno.test("an actor ends with its client, a detached one when it is terminated", () => {
  const run = new ActorScenario();
  run.join("w");
  const actor = { type: "creation", maxConcurrency: 1, isDetached: true } as const;
  run.submit(creation("owned"), creation("detached", { actor }));
  run.ready("owned");
  run.ready("detached");
  run.send({ type: "ClientLeft", clientId: "client" });
  assertEquals(run.stateOf("owned"), "unknown");
  assertEquals(run.stateOf("detached"), "running");
  assertEquals(callsIn(run.submit(call("1", "detached", { clientId: "other" }))), ["1"]);
  run.send({ type: "CancelRequested", taskIds: ["detached"] });
  assertEquals(run.stateOf("detached"), "unknown");
});

Deno.test("a state is stored with the result of its call, and the next life gets it back", () => {
  const run = alive(call("1", "a"));
  const incarnation = run.lastStart("a").attemptId;
  const value = resultOf("the state");
  const commands = run.report("1", succeeded("1"), { incarnation, sequence: 0, value });
  const stored = commands.map(({ type }) => type).filter((type) => type.startsWith("Save"));
  assertEquals(stored, ["SaveActor", "SaveEnd"]);
  const [next] = ofType(run.report("a", CRASH), "StartActor");
  assertEquals(next.checkpoint, value);
});

Deno.test("an actor leaves a worker that drains once it is idle, which counts as no restart", () => {
  const run = new ActorScenario();
  run.join("w1");
  run.submit(creation("a"), call("1", "a"));
  run.ready("a");
  run.join("w2");
  const { attemptId } = run.lastStart("a");
  const drain = { type: "DrainRequested", workerId: "w1", graceMs: 60_000 } as const;
  assertEquals(ofType(run.send(drain), "CancelAttempt"), []);
  run.submit(call("2", "a"));
  const [recall] = ofType(run.report("1", succeeded("1")), "CancelAttempt");
  assertEquals([recall.attemptId, recall.reason], [attemptId, "recalled"]);
  const value = resultOf("the state");
  const report = { type: "cancelled" } as const;
  run.report("a", report, { incarnation: attemptId, sequence: 0, value });
  const start = run.lastStart("a");
  assertEquals([start.workerId, "checkpoint" in start && start.checkpoint], ["w2", value]);
  assertEquals(callsIn(run.ready("a")), ["2"]);
  assertEquals(run.all("ReleaseWorker").map(({ workerId }) => workerId), ["w1"]);
});

Deno.test("after a restart of the head a worker claims its actor and the calls that it has", () => {
  const before = alive(call("1", "a"), call("2", "a"), call("3", "a"));
  const attempts = ["a", "1", "2"].map((taskId) => before.lastStart(taskId).attemptId);
  const records: TaskRecord[] = [...before.state.tasks.values()].map(({ record }) => record);
  const run = new ActorScenario({ epoch: 2 });
  run.restore(records);
  const report = succeeded("1");
  const commands = run.join("w", { cpus: 1 }, [
    { type: "alive", taskId: "a", attemptId: attempts[0] },
    { type: "finished", taskId: "1", attemptId: attempts[1], report },
    { type: "running", taskId: "2", attemptId: attempts[2] },
  ]);
  assertEquals(run.told("1"), [{ type: "succeeded", result: resultOf("1") }]);
  // What the worker does not have had not arrived.
  assertEquals(callsIn(commands), ["3"]);
  assertEquals(run.all("StartActor"), []);
});

Deno.test("after a restart of the head an older life of an actor claims nothing", () => {
  const before = alive(call("1", "a"));
  const first = before.lastStart("a").attemptId;
  const oldCall = before.lastStart("1").attemptId;
  before.report("a", CRASH);
  const records = [...before.state.tasks.values()].map(({ record }) => record);
  const run = new ActorScenario({ epoch: 2 });
  run.restore(records);
  const commands = run.join("w", { cpus: 1 }, [
    { type: "alive", taskId: "a", attemptId: first },
    { type: "running", taskId: "1", attemptId: oldCall },
  ]);
  assertEquals(ofType(commands, "CancelAttempt").map(({ reason }) => reason), ["stale", "stale"]);
});

Deno.test("an actor that nobody claims after a restart is started anew; its calls may have begun", () => {
  const before = alive(call("1", "a"));
  const records = [...before.state.tasks.values()].map(({ record }) => record);
  const run = new ActorScenario({ epoch: 2, restoreHoldMs: 100 });
  run.restore(records);
  run.join("w2");
  run.waitUntil(200);
  assert(run.errorOf("1").startsWith("actor_lost"), run.errorOf("1"));
  assertEquals(run.all("StartActor").length, 1);
});

Deno.test("a call that is cancelled leaves its actor alone, and its window when the worker answers", () => {
  const run = new ActorScenario({ maxCallsInFlight: 1 });
  run.join("w");
  run.submit(creation("a"));
  run.ready("a");
  run.submit(call("1", "a"), call("2", "a"));
  const commands = run.send({ type: "CancelRequested", taskIds: ["1"] });
  assertEquals(ofType(commands, "CancelAttempt").map(({ taskId }) => taskId), ["1"]);
  assertEquals(run.stateOf("a"), "running");
  assertEquals(callsIn(run.report("1", { type: "cancelled" })), ["2"]);
});
