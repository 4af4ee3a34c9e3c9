import { assertEquals } from "@std/assert";
import { targetWorkers } from "../../src/cli/provision/target_workers.ts";

const DEMAND = { asked: 8, min: 2, autostopMs: 1_000 };

Deno.test("targetWorkers() keeps all while there is work and for a while after it, then the least", () => {
  const at = (idleSinceMs: number | undefined) => targetWorkers({ ...DEMAND, idleSinceMs }, 5_000);
  assertEquals([at(undefined), at(4_001), at(4_000), at(0)], [8, 8, 2, 2]);
});

Deno.test("targetWorkers() never ends idle workers without a time for it, nor starts more than were asked for", () => {
  assertEquals(targetWorkers({ ...DEMAND, autostopMs: 0, idleSinceMs: 0 }, 1e9), 8);
  assertEquals(targetWorkers({ ...DEMAND, asked: 1, idleSinceMs: 0 }, 1e9), 1);
});
