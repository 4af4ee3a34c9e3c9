import { assert, assertEquals } from "@std/assert";
import { DatabaseSync } from "node:sqlite";
import { restoreState, StateStream } from "../../../cluster/head/state_stream.ts";
import { StoreChanges } from "../../../cluster/head/store_changes.ts";

/** What arrives at the second place. */
class Kept {
  bytes = new Uint8Array();
  changes: Uint8Array[] = [];

  snapshot(bytes: Uint8Array): Promise<void> {
    this.bytes = bytes.slice();
    this.changes = [];
    return Promise.resolve();
  }

  append(changes: Uint8Array): Promise<void> {
    this.changes.push(changes.slice());
    return Promise.resolve();
  }
}

const valuesIn = (path: string) => {
  using database = new DatabaseSync(path);
  return database.prepare("SELECT id FROM rows ORDER BY id").all().map(({ id }) => id);
};

Deno.test("a state that was streamed has all up to the last sending, removals included, and nothing after it", async () => {
  const dir = await Deno.makeTempDir();
  try {
    using database = new DatabaseSync(`${dir}/one.db`);
    database.exec("CREATE TABLE rows (id INTEGER PRIMARY KEY, entry BLOB) STRICT");
    const add = database.prepare("INSERT INTO rows VALUES (?, zeroblob(100))");
    for (let id = 0; id < 10; id++) add.run(id);
    const kept = new Kept();
    const stream = new StateStream(new StoreChanges(database, `${dir}/one.db`), {
      target: kept,
      intervalMs: 3_600_000,
      onTrouble: (error) => {
        throw error;
      },
    });
    await stream.begun;
    add.run(10);
    database.exec("DELETE FROM rows WHERE id < 5");
    await stream.flush();
    add.run(11);
    await stream.flush();
    // The loss: what came after the last sending.
    add.run(12);
    assertEquals(kept.changes.length, 2);
    restoreState(`${dir}/two.db`, kept.bytes, kept.changes);
    assertEquals(valuesIn(`${dir}/two.db`), [5, 6, 7, 8, 9, 10, 11]);
    await stream[Symbol.asyncDispose]();
    assertEquals(kept.changes.length, 3);
  } finally {
    await Deno.remove(dir, { recursive: true });
  }
});

Deno.test("a stream whose target fails sends all anew, ever less often, and ends although nothing answers", async () => {
  const dir = await Deno.makeTempDir();
  try {
    using database = new DatabaseSync(`${dir}/one.db`);
    database.exec("CREATE TABLE rows (id INTEGER PRIMARY KEY) STRICT");
    const atMs: number[] = [];
    const troubles: unknown[] = [];
    let isSilent = false;
    const snapshot = () => {
      atMs.push(performance.now());
      return isSilent ? new Promise<void>(() => {}) : Promise.reject(new Error("it is away"));
    };
    const enough = Promise.withResolvers<void>();
    const stream = new StateStream(new StoreChanges(database, `${dir}/one.db`), {
      target: { snapshot, append: () => Promise.reject(new Error("not before a snapshot")) },
      intervalMs: 4,
      onTrouble: (error) => {
        if (troubles.push(error) === 4) {
          isSilent = true;
          enough.resolve();
        }
      },
    });
    await enough.promise;
    const pauses = atMs.slice(1).map((ms, k) => ms - atMs[k]);
    assert(pauses[2] > 4 * 4, `pauses of ${pauses.join(", ")} ms`);
    await stream[Symbol.asyncDispose]();
  } finally {
    await Deno.remove(dir, { recursive: true });
  }
});
