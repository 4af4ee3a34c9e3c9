import { assert, assertEquals } from "@std/assert";
import type { AttemptRecord } from "../../../../cluster/head/telemetry/attempt_record.ts";
import { History } from "../../../../cluster/head/telemetry/history.ts";

function record(attemptId: number, changes: Partial<AttemptRecord> = {}): AttemptRecord {
  return {
    taskId: `task ${attemptId}`,
    attemptId,
    name: "work",
    runId: `run ${attemptId % 2}`,
    workerId: "w",
    executorPid: 7,
    dependencies: [],
    submittedAtMs: 1_000,
    readyAtMs: 1_000,
    assignedAtMs: 1_000,
    startedAtMs: 1_000,
    endedAtMs: 1_000 + attemptId,
    durationMs: 0.5,
    end: "succeeded",
    cause: undefined,
    ...changes,
  };
}

async function withPath(test: (path: string) => void): Promise<void> {
  const folder = await Deno.makeTempDir();
  try {
    test(`${folder}/history.db`);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

const ids = (records: Iterable<AttemptRecord>) => [...records].map(({ attemptId }) => attemptId);

Deno.test("a history gives back what it was given, in memory and after it was opened again", () =>
  withPath((path) => {
    const lost = record(2, { startedAtMs: undefined, end: "lost", cause: "why" });
    {
      using history = new History(path);
      history.add(record(1));
      history.add(lost);
      assertEquals([...history.read({})], [record(1), lost]);
    }
    using history = new History(path);
    assertEquals([...history.read({})], [record(1), lost]);
  }));

Deno.test("a history is read by run, by task and by time, over rows and memory", () =>
  withPath((path) => {
    using history = new History(path);
    for (let i = 0; i < 5_000; i++) history.add(record(i));
    assertEquals(ids(history.read({ taskId: "task 4999" })), [4_999]);
    assertEquals(ids(history.read({ taskId: "task 3" })), [3]);
    assertEquals(ids(history.read({ runId: "run 1" })).length, 2_500);
    assertEquals(ids(history.read({ sinceMs: 1_000 + 4_990 })).length, 10);
    assertEquals(ids(history.read({})), Array.from({ length: 5_000 }, (_, i) => i));
  }));

Deno.test("a history keeps the newest attempts up to its limit, and its file does not grow", () =>
  withPath((path) => {
    using history = new History(path, 4_096);
    const sizes = Array.from({ length: 8 }, (_, round) => {
      for (let i = 0; i < 20_480; i++) history.add(record(round * 20_480 + i));
      return Deno.statSync(path).size;
    });
    assertEquals(ids(history.read({})), Array.from({ length: 4_096 }, (_, i) => 159_744 + i));
    // All of the 163,840 records would take some 9 MB.
    assert(sizes[7] < 1_000_000, `the file grows: ${sizes}`);
  }));
