import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import type { AttemptRecord } from "../../../cluster/head/telemetry/attempt_record.ts";
import { chromeTrace } from "../../../src/cli/timeline/chrome_trace.ts";
import { layOut } from "../../../src/cli/timeline/layout.ts";

function record(taskId: string, changes: Partial<AttemptRecord> = {}): AttemptRecord {
  return {
    taskId,
    attemptId: 1,
    name: "work",
    runId: "run",
    workerId: "w",
    executorPid: 7,
    dependencies: [],
    submittedAtMs: 1_000,
    readyAtMs: 1_000,
    assignedAtMs: 1_000,
    startedAtMs: 1_000,
    endedAtMs: 1_010,
    durationMs: 10,
    end: "succeeded",
    cause: undefined,
    ...changes,
  };
}

Deno.test("attempts of one executor that were reported together lie one after another", () => {
  const [row] = layOut(["a", "b", "c"].map((id) => record(id, { durationMs: 2 })));
  assertEquals(row.slices.map(({ startMs, endMs }) => [startMs, endMs]), [
    [1_004, 1_006],
    [1_006, 1_008],
    [1_008, 1_010],
  ]);
});

Deno.test("attempts of which no executor is known get as many rows as they overlap", () => {
  const lost = { executorPid: undefined, durationMs: 0, end: "lost" } as const;
  const rows = layOut([
    record("a", { ...lost, startedAtMs: 0, endedAtMs: 10 }),
    record("b", { ...lost, startedAtMs: 5, endedAtMs: 15 }),
    record("c", { ...lost, startedAtMs: 10, endedAtMs: 20 }),
    record("never", { ...lost, startedAtMs: undefined }),
  ]);
  assertEquals(rows.map(({ slices }) => slices.map(({ record }) => record.taskId)), [
    ["a", "c"],
    ["b"],
  ]);
});

Deno.test("a trace names nodes and executors and draws an arrow from a dependency to its reader", () => {
  const { traceEvents } = chromeTrace([
    record("a"),
    record("b", {
      workerId: "v",
      executorPid: 8,
      dependencies: ["a", "forgotten"],
      startedAtMs: 1_012,
      endedAtMs: 1_020,
      durationMs: 8,
    }),
  ]);
  assertEquals(
    traceEvents.flatMap((event) =>
      event.ph === "M" ? [[event.pid, event.tid, event.args.name]] : []
    ),
    [[1, 0, "node v"], [2, 0, "node w"], [1, 1, "executor 8"], [2, 2, "executor 7"]],
  );
  assertEquals(
    traceEvents.flatMap((event) => event.ph === "X" ? [[event.pid, event.ts, event.dur]] : []),
    [[1, 12_000, 8_000], [2, 0, 10_000]],
  );
  const [start, finish] = traceEvents.filter(({ ph }) => ph === "s" || ph === "f");
  assert(start.ph === "s" && finish.ph === "f");
  assertEquals([start.id, start.pid, start.ts], [finish.id, 2, 10_000]);
  assertEquals([finish.pid, finish.ts, finish.bp], [1, 12_000, "e"]);
});

Deno.test("whatever ran, slices of a row never overlap and no time is negative", () => {
  const attempt = fc.record({
    worker: fc.constantFrom("v", "w"),
    pid: fc.constantFrom(undefined, 1, 2),
    startedAtMs: fc.integer({ min: 1_000, max: 1_100 }),
    lastsMs: fc.integer({ min: 0, max: 50 }),
    durationMs: fc.double({ min: 0, max: 5, noNaN: true }),
  });
  fc.assert(fc.property(fc.array(attempt), (attempts) => {
    const records = attempts.map(({ worker, pid, startedAtMs, lastsMs, durationMs }, i) =>
      record(`${i}`, {
        workerId: worker,
        executorPid: pid,
        submittedAtMs: 0,
        startedAtMs,
        endedAtMs: startedAtMs + lastsMs,
        durationMs,
      })
    ).sort((a, b) => a.endedAtMs - b.endedAtMs);
    const rows = layOut(records);
    assertEquals(rows.reduce((sum, { slices }) => sum + slices.length, 0), records.length);
    for (const { slices } of rows) {
      slices.forEach((slice, i) => {
        assert(slice.endMs >= slice.startMs);
        if (i > 0) assert(slice.startMs >= slices[i - 1].endMs);
      });
    }
    for (const event of chromeTrace(records).traceEvents) {
      if (event.ph !== "M") assert(event.ts >= 0);
    }
  }));
});
