import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import type { TaskSpec } from "../../../cluster/scheduler/types.ts";
import { Scenario, startsIn, taskSpec } from "./scenario.ts";

function ofRun(runId: string, index: number, weight = 1, changes: Partial<TaskSpec> = {}) {
  return taskSpec(`${runId}${index}`, { rules: { run: { runId, weight } }, ...changes });
}

function many(runId: string, count: number, weight = 1): TaskSpec[] {
  return Array.from({ length: count }, (_, i) => ofRun(runId, i, weight));
}

/** How many of the started tasks are of the run. */
function startedOf(run: Scenario, runId: string): number {
  return startsIn(run.log).filter((taskId) => taskId.startsWith(runId)).length;
}

Deno.test("a run that comes late gets its half of the workers as places become free", () => {
  const run = new Scenario();
  run.join("w", { cpus: 4 });
  run.submit(...many("a", 20));
  run.submit(...many("b", 20));
  assertEquals(startedOf(run, "b"), 0);
  for (const taskId of ["a0", "a1"]) run.succeed(taskId);
  assertEquals(startsIn(run.log).slice(4), ["b0", "b1"]);
  run.succeed("b0");
  assertEquals(startsIn(run.log).slice(6), ["b2"]);
  run.succeed("a2");
  assertEquals(startsIn(run.log).slice(7), ["a4"]);
});

Deno.test("runs share by their weights", () => {
  const run = new Scenario();
  run.submit(...many("a", 20, 3), ...many("b", 20, 1));
  run.join("w", { cpus: 8 });
  assertEquals([startedOf(run, "a"), startedOf(run, "b")], [6, 2]);
});

Deno.test("the weight of the newest task holds for the whole run", () => {
  const run = new Scenario();
  run.submit(...many("a", 20), ...many("b", 20), ofRun("a", 20, 3));
  run.join("w", { cpus: 8 });
  assertEquals([startedOf(run, "a"), startedOf(run, "b")], [6, 2]);
});

Deno.test("a run pays for the cpus that its tasks take, not for their number", () => {
  const run = new Scenario();
  const wide = Array.from(
    { length: 8 },
    (_, i) => ofRun("a", i, 1, { resources: { cpus: 2 } }),
  );
  run.submit(...wide, ...many("b", 16));
  run.join("w", { cpus: 8 });
  assertEquals([startedOf(run, "a"), startedOf(run, "b")], [2, 4]);
});

Deno.test("what takes nothing costs its run nothing", () => {
  const run = new Scenario();
  run.join("w", { cpus: 2, gpu: 2 });
  run.submit(ofRun("a", 0, 1, { resources: {} }), ofRun("b", 0, 1, { resources: { gpu: 1 } }));
  const shares = ["a", "b"].map((runId) => run.state.runs.get(runId)?.share);
  assertEquals(shares, [0, 1]);
});

Deno.test("priority goes before the share of runs", () => {
  const run = new Scenario();
  run.join("w", { cpus: 2 });
  run.submit(...many("a", 1));
  run.submit(ofRun("b", 0), ofRun("a", 1, 1, { priority: 1 }), ofRun("a", 2, 1, { priority: 1 }));
  assertEquals(startsIn(run.log), ["a0", "a1"]);
});

Deno.test("without a run the client is one", () => {
  const run = new Scenario();
  run.join("w", { cpus: 2 });
  run.submit(...["a", "b", "c"].map((taskId) => taskSpec(taskId)));
  run.submit(taskSpec("other", { clientId: "other" }));
  run.succeed("a");
  assertEquals(startsIn(run.log), ["a", "b", "other"]);
});

Deno.test("a stream of new runs does not starve an old one", () => {
  const run = new Scenario();
  run.join("w", { cpus: 1 });
  run.submit(...many("old", 3));
  let next = 0;
  run.submit(ofRun("new-", next++));
  const running = ["old0"];
  for (let i = 0; i < 6; i++) {
    run.submit(ofRun("new-", next), ofRun(`x${next++}-`, 0));
    const before = run.log.length;
    run.succeed(running.pop() as string);
    running.push(...startsIn(run.log.slice(before)));
  }
  assertEquals(startedOf(run, "old"), 3);
});

Deno.test("a run is forgotten with its last unfinished task", () => {
  const run = new Scenario();
  run.join("w");
  run.submit(ofRun("a", 0), ofRun("a", 1));
  assertEquals([...run.state.runs.keys()], ["a"]);
  run.succeed("a0");
  run.succeed("a1");
  assertEquals(run.state.runs.size, 0);
});

Deno.test("under any load two busy runs differ by at most one task in what they have running", () => {
  const action = fc.constantFrom("a", "b", "end first", "end last");
  fc.assert(
    fc.property(fc.array(action, { maxLength: 80 }), fc.integer({ min: 2, max: 5 }), (
      actions,
      cpus,
    ) => {
      const run = new Scenario();
      run.submit(...many("a", 60), ...many("b", 60));
      run.join("w", { cpus });
      let next = 60;
      for (const name of actions) {
        const live = [...run.state.tasks.values()].filter(({ attempt }) => attempt !== undefined);
        if (name === "a" || name === "b") run.submit(ofRun(name, next++));
        else {
          const task = live.at(name === "end first" ? 0 : -1);
          if (task !== undefined) run.succeed(task.record.spec.taskId);
        }
      }
      const [a, b] = ["a", "b"].map((runId) => run.state.runs.get(runId)?.attemptCount ?? 0);
      assert(a + b === cpus);
      assert(Math.abs(a - b) <= 1, `${a} and ${b} are running`);
    }),
    { numRuns: 40 },
  );
});
