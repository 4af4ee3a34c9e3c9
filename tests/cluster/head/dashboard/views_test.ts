import { assertEquals, assertLessOrEqual } from "@std/assert";
import { AttemptDigest } from "../../../../cluster/head/dashboard/attempt_digest.ts";
import { causeKey } from "../../../../cluster/head/dashboard/cause_key.ts";
import { runEdges } from "../../../../cluster/head/dashboard/views/run_edges.ts";
import { attemptsView } from "../../../../cluster/head/dashboard/views/tasks.ts";
import { type Span, timelineOf } from "../../../../cluster/head/dashboard/views/timeline.ts";
import type { RunStage } from "../../../../cluster/head/dashboard/schemas/runs.ts";
import type { AttemptRecord } from "../../../../cluster/head/telemetry/attempt_record.ts";

function record(attemptId: number, changes: Partial<AttemptRecord> = {}): AttemptRecord {
  return {
    taskId: `t${attemptId}`,
    attemptId,
    name: "work",
    runId: "r",
    workerId: "n1",
    executorPid: 1,
    dependencies: [],
    submittedAtMs: 1_000,
    readyAtMs: 1_000,
    assignedAtMs: 1_000,
    startedAtMs: 1_000,
    endedAtMs: 2_000,
    durationMs: 900,
    end: "succeeded",
    cause: undefined,
    ...changes,
  };
}

Deno.test("causeKey() is the same for messages that differ in numbers, ids and quoted values", () => {
  assertEquals(
    causeKey('Cannot fit window 12: column "AAPL" has 3 of 250 rows'),
    causeKey('Cannot fit window 7: column "MSFT" has 0 of 250 rows'),
  );
});

Deno.test("AttemptDigest counts failures of one cause once, the newest cause first", () => {
  const digest = new AttemptDigest();
  const fail = (id: number, cause: string, workerId: string) =>
    digest.add(record(id, { end: "failed", cause, workerId, endedAtMs: 2_000 + id }));
  fail(1, "thrown: RangeError: window 1 is empty", "n1");
  fail(2, "crashed: signal: SIGSEGV", "n2");
  fail(3, "thrown: RangeError: window 2 is empty", "n3");
  const groups = digest.groups();
  assertEquals(groups.map(({ kind, count }) => [kind, count]), [["thrown", 2], ["crashed", 1]]);
  assertEquals(groups[0].cause, "thrown: RangeError: window 2 is empty");
  assertEquals(groups[0].nodes, ["n1", "n3"]);
  assertEquals(digest.failures, 3);
});

Deno.test("AttemptDigest stays small, however many runs and causes there are", () => {
  const digest = new AttemptDigest();
  for (let i = 0; i < 3_000; i++) {
    digest.add(record(i, { runId: `r${i}`, end: "failed", cause: "x".repeat(i % 700) }));
  }
  assertLessOrEqual(digest.runs.size, 1_000);
  assertLessOrEqual(digest.groups().length, 500);
});

Deno.test("AttemptDigest knows which names read the results of which others", () => {
  const digest = new AttemptDigest();
  digest.add(record(1, { name: "load" }));
  digest.add(record(2, { name: "fit", dependencies: ["t1"] }));
  assertEquals([...digest.runs.get("r")?.names.get("fit")?.reads ?? []], ["load"]);
});

const stage = (name: string, startedAtMs: number, endedAtMs?: number): RunStage => ({
  name,
  state: "done",
  done: 1,
  cached: 0,
  failed: 0,
  running: 0,
  waiting: 0,
  startedAtMs,
  endedAtMs,
  busyMs: 1,
});

Deno.test("runEdges() draws what was read, and for the others what had directly ended before", () => {
  const stages = [stage("a", 0, 10), stage("b", 10, 20), stage("c", 10, 25), stage("d", 25, 30)];
  const reads = new Map([["c", new Set(["a"])]]);
  assertEquals(runEdges(stages, reads), [
    { from: "a", to: "c", kind: "data" },
    { from: "a", to: "b", kind: "order" },
    { from: "b", to: "d", kind: "order" },
    { from: "c", to: "d", kind: "order" },
  ]);
});

Deno.test("runEdges() draws no edge from what still runs", () => {
  assertEquals(runEdges([stage("a", 0), stage("b", 10)], new Map()), []);
});

const span = (
  startMs: number,
  endMs: number,
  nodeId = "n",
  end: Span["end"] = "succeeded",
): Span => ({
  nodeId,
  name: "work",
  startMs,
  endMs,
  end,
});

Deno.test("timelineOf() gives spans that overlap lanes of their own, and reuses lanes", () => {
  const timeline = timelineOf([span(0, 10), span(5, 15), span(10, 20)], undefined, undefined);
  assertEquals(timeline.nodes.n.lanes, 2);
  assertEquals(timeline.nodes.n.bars?.map(([lane]) => lane), [0, 1, 0]);
  assertEquals([timeline.fromMs, timeline.toMs], [0, 20]);
});

Deno.test("timelineOf() tells many spans as columns: how busy each node was, and where it failed", () => {
  const many = Array.from({ length: 2_400 }, (_, i) => span(i * 10, i * 10 + 10));
  const others = Array.from({ length: 1_200 }, (_, i) => span(i * 10, i * 10 + 5, "m", "failed"));
  const timeline = timelineOf([...many, ...others], undefined, undefined);
  const { n, m } = timeline.nodes;
  assertEquals(n.busy, "z".repeat(240));
  assertEquals(m.busy, "i".repeat(120) + "0".repeat(120));
  assertEquals(n.failed, "0".repeat(240));
  assertEquals(m.failed?.[0], "a");
});

Deno.test("timelineOf() of nothing is empty", () => {
  assertEquals(timelineOf([], undefined, undefined).attempts, 0);
});

Deno.test("attemptsView() pages from the newest on, and counts all that are wanted", async () => {
  async function* records() {
    for (let i = 0; i < 10; i++) {
      yield await Promise.resolve(
        Array.from(
          { length: 10 },
          (_, j) => record(10 * i + j, { end: j === 0 ? "failed" : "succeeded" }),
        ),
      );
    }
  }
  const filter = {
    state: "failed",
    runId: undefined,
    nodeId: undefined,
    name: undefined,
    text: undefined,
  };
  const page = await attemptsView(records(), filter, { offset: 2, limit: 3 });
  assertEquals(page.total, 10);
  assertEquals(page.rows.map(({ attemptId }) => attemptId), [70, 60, 50]);
});
