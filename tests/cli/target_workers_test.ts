import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import {
  type Need,
  neededWorkers,
  rememberNeed,
  targetWorkers,
} from "../../src/cli/provision/target_workers.ts";

const DEMAND = { asked: 8, min: 2, max: 12, needs: [], autostopMs: 1_000 };

Deno.test("targetWorkers() keeps all while there is work and for a while after it, then the least", () => {
  const at = (idleSinceMs: number | undefined) => targetWorkers({ ...DEMAND, idleSinceMs }, 5_000);
  assertEquals([at(undefined), at(4_001), at(4_000), at(0)], [8, 8, 2, 2]);
});

Deno.test("targetWorkers() never ends idle workers without a time for it, nor starts more than were asked for", () => {
  assertEquals(targetWorkers({ ...DEMAND, autostopMs: 0, idleSinceMs: 0 }, 1e9), 8);
  assertEquals(targetWorkers({ ...DEMAND, asked: 1, idleSinceMs: 0 }, 1e9), 1);
});

Deno.test("targetWorkers() goes up to what is needed, and never above the greatest number", () => {
  const needing = (workers: number) => {
    const needs = [{ atMs: 0, workers }];
    return targetWorkers({ ...DEMAND, needs, idleSinceMs: undefined }, 5_000);
  };
  assertEquals([needing(3), needing(10), needing(100)], [8, 10, 12]);
});

const LOAD = { busyWorkers: 2, queueAgeMs: 20_000, capacity: { cpus: 4, memoryBytes: 8e9 } };

Deno.test("neededWorkers() counts by the resource of which most is needed, and leaves out what no worker holds", () => {
  const needs = (resources: Record<string, number>, taskCount: number, load = LOAD) =>
    neededWorkers({ ...load, waiting: [{ resources, taskCount }] });
  assertEquals(needs({ cpus: 1 }, 9), 2 + 3);
  assertEquals(needs({ cpus: 1, memoryBytes: 4e9 }, 9), 2 + 5);
  assertEquals(needs({ cpus: 8 }, 9), 2);
  assertEquals(needs({ gpu: 1 }, 9), 2);
  assertEquals(needs({ cpus: 1 }, 9, { ...LOAD, queueAgeMs: 9_999 }), 2);
  const unknown = { waiting: [{ resources: { cpus: 64 }, taskCount: 5 }], queueAgeMs: 20_000 };
  assertEquals(neededWorkers({ ...unknown, busyWorkers: 0, capacity: undefined }), 1);
});

Deno.test("rememberNeed() keeps the greatest need of the last five minutes", () => {
  const minutes = fc.array(fc.record({ pauseS: fc.nat(200), workers: fc.nat(20) }), {
    minLength: 1,
    maxLength: 50,
  });
  fc.assert(fc.property(minutes, (steps) => {
    let needs: readonly Need[] = [];
    const all: Need[] = [];
    let atMs = 0;
    for (const { pauseS, workers } of steps) {
      atMs += pauseS * 1_000;
      all.push({ atMs, workers });
      needs = rememberNeed(needs, { atMs, workers });
      const recent = all.filter((need) => atMs - need.atMs < 300_000);
      const most = Math.max(...recent.map((need) => need.workers));
      assertEquals(Math.max(...needs.map((need) => need.workers)), most);
      assert(needs.length <= 21);
    }
  }));
});
