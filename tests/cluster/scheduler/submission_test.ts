import { assertEquals, assertStringIncludes } from "@std/assert";
import { ofType, resultOf, Scenario, startsIn, taskSpec } from "./scenario.ts";

Deno.test("a new task is stored before its attempt is started", () => {
  const run = new Scenario();
  run.join("w");
  const types = run.submit(taskSpec("a")).map(({ type }) => type);
  assertEquals(types, ["SaveTask", "StartAttempt"]);
});

Deno.test("a task that is sent again while it is known is neither stored nor started twice", () => {
  const run = new Scenario();
  run.join("w", { cpus: 4 });
  run.submit(taskSpec("a"));
  assertEquals(run.submit(taskSpec("a")), []);
});

Deno.test("a task that is sent again after it ended: its client is told the outcome again", () => {
  const run = new Scenario();
  run.join("w");
  run.submit(taskSpec("a"));
  run.succeed("a");
  const commands = run.submit(taskSpec("a"));
  assertEquals(ofType(commands, "TellClient").length, 1);
  const outcome = { type: "succeeded", result: resultOf("a") } as const;
  assertEquals(run.told("a"), [outcome, outcome]);
});

Deno.test("another task under a known id is refused and leaves the known one alone", () => {
  const run = new Scenario();
  run.submit(taskSpec("a"));
  const [tell] = ofType(run.submit(taskSpec("a", { name: "other" })), "TellClient");
  assertEquals(tell.outcome.type === "failed" && tell.outcome.error.name, "DuplicateTaskId");
  assertEquals(run.stateOf("a"), "ready");
});

Deno.test("a spec that no arithmetic can use fails its task with the reason", () => {
  const cases = [
    [{ resources: { cpus: -1 } }, "the amount of cpus must be a number ≥ 0, it is -1"],
    [{ resources: { cpus: NaN } }, "the amount of cpus must be a number ≥ 0, it is NaN"],
    [{ priority: NaN }, "priority must be a number, it is NaN"],
    [{ runTimeoutMs: 0 }, "runTimeoutMs must be above 0, it is 0"],
    [
      { retry: { maxAttempts: 0, baseDelayMs: 0, maxDelayMs: 0 } },
      "retry.maxAttempts must be at least 1, it is 0",
    ],
  ] as const;
  for (const [changes, message] of cases) {
    const run = new Scenario();
    run.join("w");
    run.submit(taskSpec("a", changes));
    const [outcome] = run.told("a");
    assertStringIncludes(outcome.type === "failed" ? outcome.error.message : "", message);
    assertEquals(run.all("StartAttempt"), []);
  }
});

Deno.test("tasks of equal rank start in the order in which they came", () => {
  const run = new Scenario();
  run.submit(taskSpec("a"), taskSpec("b"), taskSpec("c"));
  assertEquals(startsIn(run.join("w", { cpus: 3 })), ["a", "b", "c"]);
});

Deno.test("an actor is neither copied nor looked up by a key: it has one instance", () => {
  const actor = { type: "creation", maxConcurrency: 1, isDetached: false } as const;
  const run = new Scenario();
  run.join("w");
  run.submit(taskSpec("a", { actor, rules: { speculate: true } }));
  const [outcome] = run.told("a");
  assertStringIncludes(
    outcome.type === "failed" ? outcome.error.message : "",
    "speculate and an idempotency key must be left out for an actor",
  );
});
