import { assert, assertEquals, assertNotEquals, assertThrows } from "@std/assert";
import fc from "fast-check";
import { DatabaseSync } from "node:sqlite";
import { PagedSpec } from "../../../cluster/head/payload_pages.ts";
import { HeadStore } from "../../../cluster/head/store.ts";
import type { SchedulerCommand, TaskRecord } from "../../../cluster/scheduler/types.ts";

function task(taskId: string, outcome?: TaskRecord["outcome"]): TaskRecord {
  return {
    spec: {
      taskId,
      clientId: "c",
      name: "n",
      payload: new Uint8Array([1, 2]),
      dependencies: [],
      objects: [],
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
    life: undefined,
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

/** A number from a copy of the file, which itself is its store's alone. */
function numberIn(path: string, query: string): number {
  const copy = `${path}.copy`;
  for (const part of ["", "-wal"]) Deno.copyFileSync(path + part, copy + part);
  using database = new DatabaseSync(copy, { readOnly: true });
  return Number(database.prepare(query).get()?.number);
}

/** Bytes as they come from SQLite carry properties of their own: compared by their content. */
function plain(records: readonly TaskRecord[]): unknown {
  return JSON.parse(
    JSON.stringify(records, (_, value) => value instanceof Uint8Array ? [...value] : value),
  );
}

/** A store with the tasks that a head would know beside it. */
class Scribe implements Disposable {
  readonly store: HeadStore;
  readonly tasks = new Map<string, { record: TaskRecord }>();

  constructor(path: string) {
    this.store = new HeadStore(path);
    for (const record of this.store.load()) this.tasks.set(record.spec.taskId, { record });
  }

  write(...changes: readonly (["save" | "end", TaskRecord] | ["forget", string])[]): void {
    const commands = changes.map(([what, item]): SchedulerCommand => {
      if (what === "forget") {
        this.tasks.delete(item);
        return { type: "ForgetTask", taskId: item };
      }
      this.tasks.set(item.spec.taskId, { record: item });
      return { type: what === "save" ? "SaveTask" : "SaveEnd", task: item };
    });
    this.store.commit(commands, this.tasks);
  }

  [Symbol.dispose](): void {
    this.store[Symbol.dispose]();
  }
}

Deno.test("HeadStore gives back what was saved, in the order of submission, and counts its starts", () =>
  withPath((path) => {
    {
      using scribe = new Scribe(path);
      assertEquals([scribe.store.epoch, scribe.store.load()], [1, []]);
      scribe.write(["save", task("b")], ["save", task("a")], ["save", task("c")]);
      scribe.write(["end", task("a", DONE)], ["forget", "c"]);
    }
    using scribe = new Scribe(path);
    assertEquals(scribe.store.epoch, 2);
    assertEquals(plain(scribe.store.load()), plain([task("b"), task("a", DONE)]));
  }));

Deno.test("HeadStore keeps a task that is forgotten and submitted again in one batch", () =>
  withPath((path) => {
    using scribe = new Scribe(path);
    scribe.write(["save", task("a")], ["end", task("a", DONE)]);
    scribe.write(["forget", "a"], ["save", task("a")]);
    assertEquals(plain(scribe.store.load()), plain([task("a")]));
  }));

Deno.test("HeadStore writes a batch whole or not at all", () =>
  withPath((path) => {
    using scribe = new Scribe(path);
    const broken = { ...task("b", DONE), finishedAtMs: undefined };
    assertThrows(() => scribe.write(["save", task("a")], ["save", task("b")], ["end", broken]));
    assertEquals(scribe.store.load(), []);
  }));

Deno.test("HeadStore gives back what lives after any history, however often its journal was cleaned", async () => {
  const step = fc.record({ kind: fc.constantFrom("save", "end", "forget"), pick: fc.nat(999) });
  await fc.assert(
    fc.asyncProperty(
      fc.array(step, { maxLength: 400 }),
      fc.integer({ min: 1, max: 14 }),
      // With so many that stay the journal is cleaned piece by piece; with few it is written anew.
      fc.constantFrom(0, 4_100),
      (steps, n, stayingCount) =>
        withPath((path) => {
          const expected = new Map<string, TaskRecord>();
          {
            using scribe = new Scribe(path);
            const staying = Array.from({ length: stayingCount }, (_, i) => `stays ${i}`);
            for (const id of staying) expected.set(id, task(id));
            scribe.write(...staying.map((id) => ["save", task(id)] as ["save", TaskRecord]));
            // Enough that comes and goes, so that the journal outgrows what it may hold uncleaned.
            for (let round = 0; round < n; round++) {
              const passing = Array.from({ length: 2_000 }, (_, i) => `passing ${round}/${i}`);
              scribe.write(...passing.map((id) => ["save", task(id)] as ["save", TaskRecord]));
              scribe.write(...passing.map((id) => ["forget", id] as ["forget", string]));
              for (const { kind, pick } of steps.slice(round * 40, round * 40 + 40)) {
                change(scribe, expected, kind, `task ${pick % 40}`);
              }
            }
          }
          using scribe = new Scribe(path);
          const byId = (records: Iterable<TaskRecord>) =>
            plain([...records].sort((a, b) => a.spec.taskId < b.spec.taskId ? -1 : 1));
          assertEquals(byId(scribe.store.load()), byId(expected.values()));
        }),
    ),
    { numRuns: 10 },
  );
});

Deno.test("HeadStore keeps the end of a task whose submission was written again after it", () =>
  withPath((path) => {
    using scribe = new Scribe(path);
    const staying = Array.from({ length: 4_100 }, (_, i) => `stays ${i}`);
    scribe.write(...staying.map((id) => ["save", task(id)] as ["save", TaskRecord]));
    const pass = (round: number) => {
      const ids = Array.from({ length: 1_000 }, (_, i) => `${round}/${i}`);
      scribe.write(...ids.map((id) => ["save", task(id)] as ["save", TaskRecord]));
      scribe.write(...ids.map((id) => ["forget", id] as ["forget", string]));
    };
    for (let round = 0; round < 14; round++) pass(round);
    scribe.write(["end", task("stays 7", DONE)]);
    const oldest = () => numberIn(path, "SELECT min(sequence) AS number FROM journal");
    assertEquals(oldest(), 1);
    pass(14);
    assertNotEquals(oldest(), 1);
    const ended = scribe.store.load().filter(({ outcome }) => outcome !== undefined);
    assertEquals(plain(ended), plain([task("stays 7", DONE)]));
  }));

Deno.test("HeadStore does not grow with tasks that come and go beside one that stays", () =>
  withPath((path) => {
    using scribe = new Scribe(path);
    scribe.write(["save", task("stays")]);
    for (let round = 0; round < 60; round++) {
      const ids = Array.from({ length: 1_000 }, (_, i) => `${round}/${i}`);
      scribe.write(...ids.map((id) => ["save", task(id)] as ["save", TaskRecord]));
      scribe.write(...ids.map((id) => ["forget", id] as ["forget", string]));
    }
    const kept = numberIn(path, "SELECT sum(operations) AS number FROM journal");
    assert(kept < 15_000, `${kept} operations of 120,001 are kept`);
    assertEquals(plain(scribe.store.load()), plain([task("stays")]));
  }));

Deno.test("HeadStore refuses the file of another version", () =>
  withPath((path) => {
    new HeadStore(path)[Symbol.dispose]();
    const database = new DatabaseSync(path);
    database.exec("PRAGMA user_version = 99");
    database.close();
    assertThrows(() => new HeadStore(path), Error, "its schema has version 99");
  }));

Deno.test("HeadStore keeps the payloads of many waiting tasks on the disk, over restarts and ends", () =>
  withPath((path) => {
    const large = (id: string): TaskRecord => ({
      ...task(id),
      state: "ready",
      spec: { ...task(id).spec, payload: new Uint8Array(100_000).fill(Number(id) % 256) },
    });
    const ids = Array.from({ length: 900 }, (_, i) => String(i));
    const payloadsOf = (store: HeadStore) =>
      new Map(store.load().map(({ spec }) => [spec.taskId, spec.payload[99_999]]));
    {
      using scribe = new Scribe(path);
      for (let first = 0; first < 900; first += 100) {
        scribe.write(
          ...ids.slice(first, first + 100).map((id) => ["save", large(id)] as ["save", TaskRecord]),
        );
      }
      const paged = [...scribe.tasks.values()].filter(({ record }) =>
        record.spec instanceof PagedSpec
      );
      assert(paged.length > 200, `${paged.length} of 900 are paged`);
      scribe.write(["end", {
        ...large("850"),
        outcome: DONE,
        state: "succeeded",
        finishedAtMs: 9,
      }]);
    }
    using scribe = new Scribe(path);
    assertEquals(payloadsOf(scribe.store), new Map(ids.map((id, i) => [id, i % 256])));
    assertEquals(scribe.tasks.get("850")?.record.outcome?.type, "succeeded");
    scribe.write(...ids.map((id) => ["forget", id] as ["forget", string]));
    scribe.write(["save", task("after")]);
    assertEquals(numberIn(path, "SELECT count(*) AS number FROM pages"), 0);
  }));

function change(
  scribe: Scribe,
  expected: Map<string, TaskRecord>,
  kind: string,
  id: string,
): void {
  const known = expected.get(id);
  if (kind === "save" && known === undefined) {
    expected.set(id, task(id));
    scribe.write(["save", task(id)]);
  } else if (kind === "end" && known !== undefined && known.outcome === undefined) {
    expected.set(id, task(id, DONE));
    scribe.write(["end", task(id, DONE)]);
  } else if (kind === "forget" && known !== undefined) {
    expected.delete(id);
    scribe.write(["forget", id]);
  }
}

Deno.test("HeadStore keeps the newest life of an actor, also when its journal is written anew", () =>
  withPath((path) => {
    const value = { type: "inline", bytes: new Uint8Array([7]) } as const;
    {
      using scribe = new Scribe(path);
      const actor = task("actor");
      scribe.write(["save", actor]);
      for (let sequence = 0; sequence < 20_000; sequence++) {
        const life = { incarnation: 4, checkpoint: { incarnation: 4, sequence, value } };
        actor.life = life;
        scribe.store.commit([{ type: "SaveActor", actorId: "actor", life }], scribe.tasks);
      }
    }
    using scribe = new Scribe(path);
    const [{ life }] = scribe.store.load();
    assertEquals([life?.incarnation, life?.checkpoint?.sequence], [4, 19_999]);
    assert(Deno.statSync(path).size < 20_000 * 100, "what is over is not kept");
  }));
