import { assertEquals, assertStrictEquals } from "@std/assert";
import fc from "fast-check";
import { RecurringParts } from "../../../cluster/head/recurring.ts";
import type { Resources } from "../../../cluster/scheduler/types.ts";
import { taskSpec } from "../scheduler/scenario.ts";

Deno.test("equal parts of tasks become one, and different ones stay as they are", () => {
  const spec = fc.record({
    name: fc.constantFrom("a", "b"),
    dependencies: fc.array(fc.constantFrom("x", "y"), { maxLength: 2 }),
    resources: fc.constantFrom<Resources>({ cpus: 1 }, { cpus: 1, gpus: 1 }, { cpus: 2 }, {}),
    rules: fc.constantFrom(undefined, { run: { runId: "r", weight: 1 } }, { speculate: true }),
  });
  fc.assert(fc.property(fc.array(spec), (changes) => {
    const parts = new RecurringParts();
    for (const change of changes) {
      const given = taskSpec("t", structuredClone(change));
      assertEquals(parts.share(given), given);
    }
  }));
});

Deno.test("what recurs is held once", () => {
  const parts = new RecurringParts();
  const rules = { run: { runId: "r", weight: 1 } };
  const [first, second] = ["a", "b"].map((id) =>
    parts.share(taskSpec(id, { resources: { cpus: 1 }, rules: structuredClone(rules) }))
  );
  assertStrictEquals(first.resources, second.resources);
  assertStrictEquals(first.retry, second.retry);
  assertStrictEquals(first.dependencies, second.dependencies);
  assertStrictEquals(first.rules, second.rules);
});
