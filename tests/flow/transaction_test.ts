import { assert, assertEquals, assertRejects } from "@std/assert";
import { delay } from "@std/async/delay";
import { DatabaseSync } from "node:sqlite";
import { flow, type FlowStore, openFlowStore, task, transaction } from "../../src/flow/mod.ts";
import { withStore } from "./with_store.ts";

const module = import.meta.url;
const PROGRAM = new URL("./kill_transaction.ts", import.meta.url).pathname;
const CONFIG = new URL("../../deno.json", import.meta.url).pathname;

/** What the tasks do to the world, and undo. */
let world: string[] = [];
let undone: string[] = [];

const book = task("book", (what: string) => {
  world.push(what);
  return { what };
}, {
  run: "local",
  module,
  concurrency: 2,
  onRollback: ({ what }) => {
    undone.push(what);
    world = world.filter((other) => other !== what);
  },
});

const refuse = task("refuse", (reason: string): string => {
  throw new Error(reason);
}, { run: "local", module });

function empty(): void {
  world = [];
  undone = [];
}

function completed(store: FlowStore, runId: string): string[] {
  return store.runs.taskRuns(runId, { states: ["Completed"] }).map((run) => run.arguments);
}

Deno.test("transaction() that throws undoes its tasks in reverse order, and no other run sees their results", async () => {
  await withStore(async (store) => {
    empty();
    const trip = flow("trip", async (fails: boolean) => {
      await book("visa");
      return await transaction("trip", async () => {
        await book("flight");
        await book("hotel");
        return fails ? await refuse("no cars") : "booked";
      });
    });
    await assertRejects(() => trip.run([true], { store, runId: "a" }), Error, "no cars");
    assertEquals(undone, ["hotel", "flight"]);
    assertEquals(world, ["visa"]);
    assertEquals(await trip.run([false], { store, runId: "b" }), "booked");
    assertEquals(world, ["visa", "flight", "hotel"]);
    assertEquals(completed(store, "b"), ['"flight"', '"hotel"']);
    assertEquals(await trip.run([false], { store, runId: "c" }), "booked");
    assertEquals(completed(store, "c"), []);
    assertEquals(undone.length, 2);
  });
});

Deno.test("a result is visible to others only after the commit, and to the transaction at once", async () => {
  await withStore(async (store) => {
    empty();
    const inside = Promise.withResolvers<void>();
    const seen = Promise.withResolvers<void>();
    const writer = flow("writer", () =>
      transaction("t", async () => {
        await book("seat");
        await book("seat");
        inside.resolve();
        await seen.promise;
      }));
    const reader = flow("reader", () => book("seat"));
    const written = writer.run([], { store, runId: "writer" });
    await inside.promise;
    assertEquals(world, ["seat"]);
    await reader.run([], { store, runId: "reader" });
    assertEquals(world, ["seat", "seat"]);
    seen.resolve();
    await written;
    await reader.run([], { store, runId: "reader2" });
    assertEquals(completed(store, "reader2"), []);
  });
});

Deno.test("an inner transaction rolls back by itself, and with the outer one that it was committed in", async () => {
  await withStore(async (store) => {
    empty();
    const nested = flow("nested", () =>
      transaction("outer", async () => {
        await book("first");
        await transaction("inner", () => book("second"));
        await transaction("bad", async () => {
          await book("third");
          throw new Error("inner end");
        }).catch(() => {});
        assertEquals(undone, ["third"]);
        await book("fourth");
        throw new Error("outer end");
      }));
    await assertRejects(() => nested.run([], { store, runId: "r" }), Error, "outer end");
    assertEquals(undone, ["third", "fourth", "second", "first"]);
    assertEquals(world, []);
  });
});

Deno.test("a transaction waits for what it submitted, fails with it, and refuses flows", async () => {
  await withStore(async (store) => {
    empty();
    const slow = task("slow", async () => await delay(5), { run: "local", module });
    const submits = flow("submits", () =>
      transaction("t", async () => {
        await book("taken");
        slow.submit();
        refuse.submit("late");
      }));
    await assertRejects(() => submits.run([], { store, runId: "r" }), Error, "late");
    assertEquals(world, []);
    const child = flow("child", () => 1);
    const parent = flow("parent", () => transaction("t", () => child()));
    await assertRejects(
      () => parent.run([], { store, runId: "p" }),
      Error,
      "Cannot call flow child in transaction t: what a child completes cannot be rolled back",
    );
  });
});

Deno.test("a cancelled run has its open transaction rolled back", async () => {
  await withStore(async (store) => {
    empty();
    const stop = new AbortController();
    const waits = flow("waits", () =>
      transaction("t", async () => {
        await book("room");
        stop.abort("enough");
        await new Promise(() => {});
      }));
    await assertRejects(() => waits.run([], { store, runId: "r", signal: stop.signal }));
    assertEquals(undone, ["room"]);
    assertEquals(store.runs.find("r")!.state, "Cancelled");
  });
});

Deno.test("a hook that fails leaves the rest rolled back, and is called again before the run goes on", async () => {
  await withStore(async (store) => {
    empty();
    let isStuck = true;
    const stuck = task("stuck", () => "s", {
      run: "local",
      module,
      onRollback: () => {
        if (isStuck) throw new Error("not now");
        undone.push("stuck");
      },
    });
    const trip = flow("stuck trip", (fails: boolean) =>
      transaction("t", async () => {
        await book("first");
        await stuck();
        if (fails) throw new Error("no");
      }));
    const failure = await assertRejects(
      () => trip.run([true], { store, runId: "r" }),
      AggregateError,
      "Cannot roll back task stuck of transaction t: not now",
    );
    assertEquals((failure.errors[0] as Error).message, "no");
    assertEquals(undone, ["first"]);
    await assertRejects(() => trip.run([false], { store, runId: "r" }), Error, "not now");
    assertEquals(undone, ["first"]);
    isStuck = false;
    await trip.run([false], { store, runId: "r" });
    assertEquals(undone, ["first", "stuck"]);
    assertEquals(store.runs.find("r")!.state, "Completed");
  });
});

Deno.test("after a crash at any commit of the store a resume undoes exactly what the transaction had done", async () => {
  await withStore(async (store, folder) => {
    empty();
    const trip = flow("trip", async () => {
      await book("before");
      await transaction("t", async () => {
        await book("a");
        await book.map(["b", "c"]);
        await transaction("inner", () => book("d"));
      });
      await book("after");
    });
    const crashes: { path: string; world: string[] }[] = [];
    const exec = DatabaseSync.prototype.exec;
    DatabaseSync.prototype.exec = function (sql: string) {
      exec.call(this, sql);
      if (sql !== "COMMIT" || store.runs.find("r") === undefined) return;
      const path = `${folder}/crash${crashes.length}.sqlite`;
      exec.call(this, `VACUUM INTO '${path}'`);
      crashes.push({ path, world: [...world] });
    };
    try {
      await trip.run([], { store, runId: "r" });
    } finally {
      DatabaseSync.prototype.exec = exec;
    }
    let rollbacks = 0;
    for (const crash of crashes) {
      using crashed = openFlowStore(crash.path);
      if (crashed.runs.find("r")!.state === "Completed") continue;
      const staged = crashed.staged.list("r").map(({ taskSeq }) => taskSeq);
      world = crash.world;
      undone = [];
      await trip.run([], { store: crashed, runId: "r" });
      assertEquals(undone.length, staged.length, crash.path);
      assertEquals(world.toSorted(), ["a", "after", "b", "before", "c", "d"], crash.path);
      assertEquals(crashed.staged.list("r"), [], crash.path);
      if (staged.length > 0) rollbacks++;
    }
    assert(rollbacks >= 4, `${rollbacks} of ${crashes.length} crashes left something`);
  });
});

Deno.test("a process that resumes a transaction killed by SIGKILL undoes it first, the last task first", async () => {
  await withStore(async (store, folder) => {
    const notes = `${folder}/notes.txt`;
    const start = (mode: string) =>
      new Deno.Command(Deno.execPath(), {
        args: ["run", "-A", "--quiet", "--no-check", "--config", CONFIG, PROGRAM]
          .concat(store.path, notes, mode),
        stdout: "piped",
        stderr: "inherit",
      }).spawn();
    const child = start("hang");
    const reader = child.stdout.getReader();
    assertEquals(new TextDecoder().decode((await reader.read()).value), "hanging\n");
    child.kill("SIGKILL");
    await child.status;
    await reader.cancel();
    assertEquals(store.staged.list("killed").map(({ taskSeq }) => taskSeq), [2, 1]);
    assertEquals((await start("go on").output()).success, true);
    const expected = ["do a", "do b", "undo b", "undo a", "do a", "do b", "do c"];
    assertEquals((await Deno.readTextFile(notes)).trimEnd().split("\n"), expected);
  });
});
