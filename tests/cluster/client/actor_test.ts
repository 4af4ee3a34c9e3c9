import { assert, assertAlmostEquals, assertEquals, assertRejects } from "@std/assert";
import {
  ActorDeadError,
  ActorLostError,
  connect,
  TaskCancelledError,
  TaskFailedError,
} from "../../../cluster/client/mod.ts";
import { clusterTests } from "./cluster_test_case.ts";
import type { Meeting, PriceStore, Recorder } from "./test_actors.ts";

const MODULE = new URL("./test_actors.ts", import.meta.url).href;
const clusterTest = clusterTests(MODULE);
const STORE = { module: MODULE, exportName: "PriceStore" };
const RECORDER = { module: MODULE, exportName: "Recorder" };

clusterTest(
  "an actor keeps its state between calls, and tasks read what it returns",
  2,
  async ({ cluster: { client } }) => {
    const history = await client.put(new Float64Array([100, 50]));
    const store = client.actor<PriceStore>(STORE, [["A", "B"], history]);
    assertEquals(await store.call.append({ A: 110, B: 50 }), 2);
    assertEquals(await store.call.append({ A: 121, B: 25 }), 3);
    const returns = store.submit("lastReturns", [2]);
    const total = client.submit<number>({ module: MODULE, exportName: "sum" }, [returns]);
    assertAlmostEquals(await total.result, 0.1 + 0 + 0.1 - 0.5);
  },
);

clusterTest(
  "calls of one client run in its order, however many are made at once",
  1,
  async ({ cluster: { client } }) => {
    const recorder = client.actor<Recorder>(RECORDER, []);
    const names = Array.from({ length: 500 }, (_, i) => `${i}`);
    await Promise.all(names.map((name, i) => recorder.call.tell(name, i === 3 ? 20 : 0)));
    assertEquals(await recorder.call.all(), names);
  },
);

clusterTest(
  "with a maxConcurrency calls that wait let others go on",
  1,
  async ({ cluster: { client } }) => {
    const meeting = client.actor<Meeting>({ module: MODULE, exportName: "Meeting" }, [8], {
      maxConcurrency: 8,
    });
    const joined = await Promise.all(Array.from({ length: 8 }, () => meeting.call.join()));
    assertEquals(joined, Array(8).fill(8));
  },
);

clusterTest(
  "a factory makes an actor; it and its methods fail with what they threw, and where",
  1,
  async ({ cluster: { client } }) => {
    const counter = client.actor<{ next(by: number): number }>(
      { module: MODULE, exportName: "counterFrom" },
      [5],
    );
    assertEquals([await counter.call.next(1), await counter.call.next(2)], [6, 8]);

    const store = client.actor<PriceStore>(STORE, [["A"]]);
    const thrown = await assertRejects(() => store.call.fail(), TaskFailedError, "rank 40 of 50");
    assertEquals(thrown.causeName, "RangeError");
    assert(thrown.remoteStack?.includes("test_actors.ts"), thrown.remoteStack);
    const missing = client.actor<{ nothing(): void }>(STORE, [["A"]]);
    await assertRejects(() => missing.call.nothing(), TaskFailedError, "append");
    assertEquals(await store.call.append({ A: 1 }), 1);

    const empty = client.actor<PriceStore>(STORE, [[]]);
    const dead = await assertRejects(() => empty.ready(), ActorDeadError, "of no symbols");
    assertEquals(dead.causeName, "RangeError");
    await assertRejects(() => empty.call.pid(), ActorDeadError, "of no symbols");
  },
);

clusterTest(
  "a name leads to the one living actor that has it; a second one is refused",
  1,
  async ({ cluster: { client } }) => {
    const first = client.actor<PriceStore>(STORE, [["A"]], { name: "prices" });
    const found = await client.namedActor<PriceStore>("prices");
    assertEquals(await found.call.append({ A: 1 }), 1);
    assertEquals(await client.actorOf<PriceStore>(first.ref).call.append({ A: 2 }), 2);

    const second = client.actor<PriceStore>(STORE, [["A"]], { name: "prices" });
    await assertRejects(() => second.ready(), ActorDeadError, "has it and lives");

    first.terminate();
    // It may have begun in the moment before.
    await assertRejects(() => found.call.pid(), Error, "was terminated");
    await assertRejects(() => found.call.pid(), ActorDeadError, "lives");
    await assertRejects(() => client.namedActor("prices"), ActorDeadError, "none of this name");
    const third = client.actor<PriceStore>(STORE, [["A"]], { name: "prices" });
    assertEquals(await third.call.append({ A: 1 }), 1);
  },
);

clusterTest(
  "an actor whose process is killed is constructed again with its newest state",
  2,
  async ({ cluster: { client } }) => {
    const store = client.actor<PriceStore>(STORE, [["A"]], {
      maxRestarts: 5,
      callRetries: 3,
      checkpointEveryCalls: 1,
    });
    const pids = new Set<number>();
    let calls = 0;
    for (let round = 0; round < 3; round++) {
      const appends = Array.from({ length: 40 }, () => store.call.append({ A: 1 }));
      const pid = await store.call.pid();
      pids.add(pid);
      Deno.kill(pid, "SIGKILL");
      const more = Array.from({ length: 40 }, () => store.call.append({ A: 1 }));
      const counts = await Promise.all([...appends, ...more]);
      // Each call is in the state exactly once, in its order, whichever life ran it.
      assertEquals(counts, counts.map((_, i) => calls + i + 1));
      calls += counts.length;
    }
    assertEquals(pids.size, 3);
  },
);

clusterTest(
  "a call that may have run when the process was lost fails, later ones run in the next life",
  1,
  async ({ cluster: { client } }) => {
    const store = client.actor<PriceStore>(STORE, [["A"]], { maxRestarts: 1 });
    await store.call.append({ A: 1 });
    const crash = assertRejects(() => store.call.crash(), ActorLostError, "exit code 3");
    const next = store.call.append({ A: 1 });
    await crash;
    // Without a checkpoint the new life begins as the first one did.
    assertEquals(await next, 1);
    const last = assertRejects(() => store.call.crash(), ActorLostError, "exit code 3");
    await last;
    await assertRejects(() => store.call.pid(), ActorDeadError, "exit code 3");
    await assertRejects(() => store.ready(), ActorDeadError);
  },
);

clusterTest(
  "a call that takes too long costs the actor its process",
  1,
  async ({ cluster: { client } }) => {
    const store = client.actor<PriceStore>(STORE, [["A"]], { maxRestarts: 1 });
    await store.ready();
    const late = await assertRejects(
      () => store.submit("spin", [], { runTimeoutMs: 300 }).result,
      TaskFailedError,
      "longer than the 300 ms",
    );
    assertEquals(late.kind, "timed_out");
    assertEquals(await store.call.append({ A: 1 }), 1);
  },
);

clusterTest(
  "a call that takes too long is told so also when its actor has no other life, and ends as dead later calls",
  1,
  async ({ cluster: { client } }) => {
    const store = client.actor<PriceStore>(STORE, [["A"]], { callTimeoutMs: 300 });
    await store.ready();
    const late = await assertRejects(() => store.submit("spin", []).result, TaskFailedError);
    assertEquals(late.kind, "timed_out");
    await assertRejects(() => store.call.pid(), ActorDeadError, "longer than the 300 ms");
  },
);

clusterTest(
  "a call after terminate(), in the same turn too, says that the actor ended and never runs",
  1,
  async ({ cluster: { client } }) => {
    const store = client.actor<PriceStore>(STORE, [["A"]]);
    await store.ready();
    store.terminate();
    await assertRejects(() => store.call.append({ A: 1 }), ActorDeadError, "it was terminated");
  },
);

clusterTest(
  "status() lists living actors: their class, name, state, place and unfinished calls",
  1,
  async ({ cluster: { client } }) => {
    const store = client.actor<PriceStore>(STORE, [["A"]], { name: "prices" });
    await store.ready();
    const { actors, workers: [{ workerId }] } = await client.status();
    const { $actor: actorId } = store.ref;
    const seen = { actorId, className: "PriceStore", name: "prices", state: "alive", workerId };
    assertEquals(actors, [{ ...seen, calls: 0 } as typeof actors[number]]);
    store.terminate();
    await assertRejects(() => store.ready());
    while ((await client.status()).actors.length > 0);
  },
);

clusterTest(
  "a call that is cancelled before it began does not run; the actor lives on",
  1,
  async ({ cluster: { client } }) => {
    const recorder = client.actor<Recorder>(RECORDER, []);
    const aborter = new AbortController();
    const slow = recorder.call.tell("slow", 50);
    const task = client.submit<number>({ module: MODULE, exportName: "sum" }, [
      new Float64Array(1),
    ]);
    const waiting = recorder.submit("tell", [task as never], { signal: aborter.signal });
    aborter.abort();
    await assertRejects(() => waiting.result, TaskCancelledError);
    await slow;
    await recorder.call.tell("last");
    assertEquals(await recorder.call.all(), ["slow", "last"]);
  },
);

clusterTest(
  "over the network calls follow their actor and keep their order, whatever their arguments weigh",
  1,
  async ({ cluster: { headUrl, token } }) => {
    await using client = connect({ headUrl, token, code: "in-place" });
    const history = new Float64Array(30_000).fill(1);
    const store = client.actor<PriceStore>(STORE, [["A"], history], { name: "heavy" });
    const found = client.namedActor<PriceStore>("heavy");
    assertEquals(await store.call.append({ A: 1 }), 30_001);
    assertEquals((await found).ref.$actor, store.ref.$actor);

    const recorder = client.actor<Recorder>(RECORDER, []);
    const told = ["large".repeat(50_000), "small", "large again".repeat(50_000), "last"];
    await Promise.all(told.map((text) => recorder.call.tell(text)));
    assertEquals(await recorder.call.all(), told);
  },
);

clusterTest(
  "actors do not keep tasks from running, whatever the number of workers",
  1,
  async ({ cluster: { client } }) => {
    const stores = Array.from({ length: 3 }, () => client.actor<PriceStore>(STORE, [["A"]]));
    const pids = await Promise.all(stores.map((store) => store.call.pid()));
    assertEquals(new Set(pids).size, 3);
    const values = new Float64Array([1, 2]);
    assertEquals(
      await client.submit<number>({ module: MODULE, exportName: "sum" }, [values]).result,
      3,
    );
  },
);

clusterTest(
  "tasks call an actor by its reference, each from its own process",
  2,
  async ({ cluster: { client }, run }) => {
    const store = client.actor<PriceStore>(STORE, [["A"]]);
    const counts = await Promise.all(
      Array.from({ length: 8 }, (_, i) => run<number>("appendTo", [store.ref, i + 1])),
    );
    assertEquals(counts.sort((a, b) => a - b), [1, 2, 3, 4, 5, 6, 7, 8]);
    assertEquals((await store.call.lastReturns(7)).length, 7);
  },
);
