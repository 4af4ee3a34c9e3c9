import { assertEquals, assertThrows } from "@std/assert";
import { DatabaseSync } from "node:sqlite";
import { HeadStore } from "../../../cluster/head/store.ts";
import type { TaskRecord } from "../../../cluster/scheduler/types.ts";

function task(taskId: string, outcome?: TaskRecord["outcome"]): TaskRecord {
  return {
    spec: {
      taskId,
      clientId: "c",
      name: "n",
      payload: new Uint8Array([1, 2]),
      dependencies: [],
      resources: { cpus: 1 },
      priority: 0,
      retry: { maxAttempts: 1, baseDelayMs: 0, maxDelayMs: 0 },
      runTimeoutMs: Infinity,
    },
    state: outcome === undefined ? "waiting" : outcome.type,
    failures: 0,
    losses: 0,
    outcome,
    submittedAtMs: 5,
    finishedAtMs: outcome === undefined ? undefined : 9,
  };
}

const DONE = { type: "succeeded", result: { type: "inline", bytes: new Uint8Array([7]) } } as const;

async function withPath(test: (path: string) => void): Promise<void> {
  const folder = await Deno.makeTempDir();
  try {
    test(`${folder}/head.db`);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

/** Bytes as they come from SQLite carry properties of their own: compared by their content. */
function plain(records: readonly TaskRecord[]): unknown {
  return JSON.parse(
    JSON.stringify(records, (_, value) => value instanceof Uint8Array ? [...value] : value),
  );
}

Deno.test("HeadStore gives back what was saved, in the order of submission, and counts its starts", () =>
  withPath((path) => {
    {
      using store = new HeadStore(path);
      assertEquals([store.epoch, store.load()], [1, []]);
      store.commit([
        { type: "SaveTask", task: task("b") },
        { type: "SaveTask", task: task("a") },
        { type: "SaveTask", task: task("c") },
      ]);
      store.commit([{ type: "SaveTask", task: task("a", DONE) }, {
        type: "ForgetTask",
        taskId: "c",
      }]);
    }
    using store = new HeadStore(path);
    assertEquals(store.epoch, 2);
    assertEquals(plain(store.load()), plain([task("b"), task("a", DONE)]));
  }));

Deno.test("HeadStore keeps a task that is forgotten and submitted again in one batch", () =>
  withPath((path) => {
    using store = new HeadStore(path);
    store.commit([{ type: "SaveTask", task: task("a", DONE) }]);
    store.commit([{ type: "ForgetTask", taskId: "a" }, { type: "SaveTask", task: task("a") }]);
    assertEquals(plain(store.load()), plain([task("a")]));
  }));

Deno.test("HeadStore writes a batch whole or not at all", () =>
  withPath((path) => {
    using store = new HeadStore(path);
    const broken = { ...task("b"), submittedAtMs: undefined as unknown as number };
    assertThrows(() =>
      store.commit([{ type: "SaveTask", task: task("a") }, { type: "SaveTask", task: broken }])
    );
    assertEquals(store.load(), []);
  }));

Deno.test("HeadStore refuses the file of another version", () =>
  withPath((path) => {
    new HeadStore(path)[Symbol.dispose]();
    const database = new DatabaseSync(path);
    database.exec("PRAGMA user_version = 99");
    database.close();
    assertThrows(() => new HeadStore(path), Error, "its schema has version 99");
  }));
