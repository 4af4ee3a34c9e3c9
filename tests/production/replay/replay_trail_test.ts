import { assertEquals, assertRejects } from "@std/assert";
import type { RecordedStep } from "../../../src/production/replay/recorded_run.ts";
import { ReplayTrail } from "../../../src/production/replay/replay_trail.ts";

function recorded(intent: number, status: string, weight: number): RecordedStep {
  return {
    intent,
    line: 2 * intent,
    step: "optimise",
    context: { window: 1, profile: "hrp" },
    inputs: { returns: "r" },
    status,
    outputs: { weight },
    manifestHash: "m",
  };
}

function optimise(weight: number, returns = "r") {
  return {
    step: "optimise",
    context: { profile: "hrp", window: 1 },
    inputs: { returns },
    run: () => weight,
    outputs: (result: number) => ({ weight: result }),
  };
}

Deno.test("ReplayTrail compares a step with every result that the ledger has of it, and not with failures", async () => {
  const trail = new ReplayTrail([
    recorded(1, "completed", 0.1),
    recorded(2, "failed", 0.1),
    recorded(3, "cached", 0.1 + 0.2 - 0.2),
    recorded(4, "open", 0.1),
  ]);
  assertEquals(await trail.record(optimise(0.1)), 0.1);
  // 0.1 + 0.2 - 0.2 is another double than 0.1.
  assertEquals(trail.replayed.map(({ recorded: { intent }, isSame }) => [intent, isSame]), [
    [1, true],
    [3, false],
  ]);
  assertEquals(trail.has(recorded(3, "cached", 0)), true);
  assertEquals(trail.has(recorded(2, "failed", 0)), false);
});

Deno.test("ReplayTrail sees inputs that differ although the outputs are the same", async () => {
  const trail = new ReplayTrail([recorded(1, "completed", 0.5)]);
  await trail.record(optimise(0.5, "other"));
  assertEquals(trail.replayed.map(({ isSame }) => isSame), [false]);
});

Deno.test("ReplayTrail refuses a step of which the ledger has no result", async () => {
  const trail = new ReplayTrail([recorded(1, "failed", 0.5)]);
  await assertRejects(
    () => trail.record(optimise(0.5)),
    Error,
    'Cannot replay optimise {"profile":"hrp","window":1}: the ledger has no result of it',
  );
});
