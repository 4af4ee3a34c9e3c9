import { assertEquals, assertRejects, assertThrows } from "@std/assert";
import { DatabaseSync } from "node:sqlite";
import { UserError } from "../../src/base/errors.ts";
import { sha256Hex } from "../../src/base/hash.ts";
import { BatchWriter } from "../../src/flow/store/batch_writer.ts";
import { flow, type FlowStore, openFlowStore, task } from "../../src/flow/mod.ts";
import { withStore } from "./with_store.ts";

async function put(store: FlowStore, key: string, bytes: Uint8Array): Promise<void> {
  const storeResult = await store.results.prepare(
    key,
    "task",
    { bytes, sha256: sha256Hex(bytes) },
    0,
  );
  storeResult();
  await Promise.resolve();
}

Deno.test("openFlowStore() refuses a store of another schema version, and names both", async () => {
  await withStore(async (store, folder) => {
    const path = `${folder}/later.sqlite`;
    const database = new DatabaseSync(path);
    database.exec("PRAGMA user_version = 7");
    database.close();
    assertThrows(
      () => openFlowStore(path),
      UserError,
      `Cannot open the flow store ${path}: its schema version is 7, this Tradewind knows 3`,
    );
    await Deno.writeTextFile(`${folder}/text.sqlite`, "no database".repeat(1000));
    assertThrows(() => openFlowStore(`${folder}/text.sqlite`), UserError, "as a flow store");
    assertEquals(store.path, `${folder}/flow.sqlite`);
  });
});

Deno.test("a store opened again holds the runs and results of before", async () => {
  await withStore(async (store) => {
    const one = task("one", () => 1, { run: "local", module: import.meta.url });
    await flow("f", () => one()).run([], { store, runId: "r" });
    using again = openFlowStore(store.path);
    assertEquals(again.runs.find("r")!.state, "Completed");
    assertEquals(again.runs.taskRuns("r").length, 1);
  });
});

Deno.test("results over 1 MiB are kept in a file each, and counted missing when it is damaged or gone", async () => {
  await withStore(async (store) => {
    const bytes = new Uint8Array(1_048_577).fill(7);
    await put(store, "large", bytes);
    const path = `${store.path}.results/large.bin`;
    assertEquals((await Deno.stat(path)).size, bytes.length);
    assertEquals(store.results.find("large")!.bytes, bytes);
    await Deno.writeFile(path, bytes.fill(8, 5, 6));
    assertEquals(store.results.find("large"), undefined);
    await Deno.remove(path);
    assertEquals(store.results.find("large"), undefined);
  });
});

Deno.test("prune() forgets the oldest results, with their files, until the rest fits", async () => {
  await withStore(async (store) => {
    await put(store, "a", new Uint8Array(1_100_000));
    await put(store, "b", new Uint8Array(300));
    await put(store, "c", new Uint8Array(200));
    assertEquals(store.results.prune(500), 1);
    assertEquals(["a", "b", "c"].filter((key) => store.results.find(key) !== undefined), [
      "b",
      "c",
    ]);
    await assertRejects(() => Deno.stat(`${store.path}.results/a.bin`), Deno.errors.NotFound);
    assertEquals(store.results.prune(200), 1);
    assertEquals(store.results.prune(200), 0);
  });
});

Deno.test("BatchWriter commits the writes of one turn together", async () => {
  const database = new DatabaseSync(":memory:");
  database.exec("CREATE TABLE t (x INTEGER)");
  const writer = new BatchWriter(database);
  const count = () => (database.prepare("SELECT count(*) AS n FROM t").get() as { n: number }).n;
  const first = writer.write(() => database.exec("INSERT INTO t VALUES (1)"));
  const second = writer.write(() => database.exec("INSERT INTO t VALUES (2)"));
  assertEquals([first === second, count()], [true, 0]);
  await first;
  assertEquals(count(), 2);
  database.close();
});

Deno.test("BatchWriter undoes the whole turn when one write fails, and refuses all that follow", async () => {
  const database = new DatabaseSync(":memory:");
  database.exec("CREATE TABLE t (x INTEGER)");
  const writer = new BatchWriter(database);
  const good = writer.write(() => database.exec("INSERT INTO t VALUES (1)"));
  writer.write(() => database.exec("INSERT INTO missing VALUES (1)"));
  await assertRejects(
    () => good,
    Error,
    "Cannot store 2 changes of the flow: no such table: missing",
  );
  await assertRejects(() => writer.write(() => {}), Error, "Cannot store 2 changes");
  assertEquals((database.prepare("SELECT count(*) AS n FROM t").get() as { n: number }).n, 0);
  database.close();
});
