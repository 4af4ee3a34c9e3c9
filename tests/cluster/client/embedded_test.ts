import { assert, assertEquals, assertRejects, assertThrows } from "@std/assert";
import { delay } from "@std/async/delay";
import { connect, TaskCancelledError, TaskFailedError } from "../../../cluster/client/mod.ts";
import { clusterTests } from "./cluster_test_case.ts";

const MODULE = new URL("./tasks.ts", import.meta.url).href;
const clusterTest = clusterTests(MODULE);

clusterTest(
  "a cluster runs functions by module and name, with values, objects and results of tasks",
  2,
  async (trial) => {
    const { cluster: { client }, run } = trial;
    assertEquals(await run<number>("add", [1, 2]), 3);

    const ref = await client.put(new Float64Array([0.5, 1.5]));
    assertEquals(await client.put(new Float64Array([0.5, 1.5])), ref);
    assertEquals(await client.get(ref), new Float64Array([0.5, 1.5]));
    assertEquals(await run<number>("sum", [ref]), 2);

    // 800 kB: the result is an object, and its reader may run on the other worker.
    const large = client.submit<Float64Array>({ module: MODULE, exportName: "ones" }, [100_000]);
    assertEquals(await run<number>("sum", [large]), 100_000);
    assertEquals((await large.result).length, 100_000);

    const many = await Promise.all(
      Array.from({ length: 500 }, (_, i) => run<number>("add", [i, 1])),
    );
    assertEquals(many, Array.from({ length: 500 }, (_, i) => i + 1));
  },
);

clusterTest(
  "a large object is one file that every process of the node maps: a write stays with its task",
  2,
  async ({ cluster: { client }, run }) => {
    const ref = await client.put(new Float64Array(1_000_000));
    const spoilt = await Promise.all(Array.from({ length: 6 }, () => run("spoil", [ref])));
    assertEquals(spoilt, [1, 1, 1, 1, 1, 1]);
    assertEquals(await run("sum", [ref]), 0);
    assertEquals((await client.get<Float64Array>(ref))[0], 0);
  },
);

clusterTest(
  "an object is the same for every task, also after one wrote into its copy",
  1,
  async ({ cluster, run }) => {
    const ref = await cluster.client.put(new Float64Array([1]));
    assertEquals([await run("spoil", [ref]), await run("spoil", [ref])], [2, 2]);
  },
);

clusterTest(
  "a failing task tells what was thrown and where; the worker goes on",
  1,
  async ({ run }) => {
    const error = await assertRejects(
      () => run("fail", ["rank 40 of 50"]),
      TaskFailedError,
      "rank 40 of 50",
    );
    assertEquals([error.kind, error.causeName], ["thrown", "RangeError"]);
    assert(error.remoteStack?.includes("tasks.ts"), error.remoteStack);
    assert(error.remoteStack?.includes("the deeper reason"), error.remoteStack);
    const missing = await assertRejects(
      () => run("nothing", []),
      TaskFailedError,
      "exports no such function",
    );
    assert(missing.message.includes("add, "), missing.message);
    await assertRejects(() => run("notAFunction", []), TaskFailedError, "it is a number");
    assertEquals(await run("add", [1, 1]), 2);
  },
);

clusterTest(
  "a task that ends its process fails alone, with the exit code and the peak memory",
  1,
  async ({ run }) => {
    const error = await assertRejects(
      () => run("exit", [7]),
      TaskFailedError,
      "ended with exit code 7. Its peak memory was at least",
    );
    assertEquals(error.kind, "crashed");
    assert(Number(/(\d+) MiB/.exec(error.message)?.[1]) > 10, error.message);
    assertEquals(await run("add", [1, 1]), 2);
  },
);

clusterTest(
  "a task that never gives way is stopped at its limit, and by its signal",
  1,
  async ({ run }) => {
    const timedOut = await assertRejects(
      () => run("spin", [], { runTimeoutMs: 300 }),
      TaskFailedError,
    );
    assertEquals(timedOut.kind, "timed_out");
    const abort = new AbortController();
    const spinning = run("spin", [], { signal: abort.signal });
    const queued = run("add", [1, 1], { signal: abort.signal });
    await delay(300);
    abort.abort();
    await assertRejects(() => spinning, TaskCancelledError);
    await assertRejects(() => queued, TaskCancelledError);
    assertEquals(await run("add", [2, 2]), 4);
  },
);

clusterTest(
  "a crash fails the task that ran alone: those that its process had ahead run elsewhere",
  2,
  async ({ run }) => {
    // Their mean is known to be short, so that several go to a process at once.
    await Promise.all(Array.from({ length: 200 }, () => run("exitOn", [0, 1])));
    const outcomes = await Promise.allSettled(
      Array.from({ length: 400 }, (_, i) => run<number>("exitOn", [i, 100])),
    );
    const failed = outcomes.flatMap(({ status }, i) => status === "rejected" ? [i] : []);
    assertEquals(failed, [100, 200, 300]);
  },
);

clusterTest("cancelling many tasks at once harms none of the others", 2, async ({ run }) => {
  for (let round = 0; round < 5; round++) {
    const abort = new AbortController();
    const cancelled = Array.from(
      { length: 40 },
      () => run("pidAfter", [5], { signal: abort.signal }),
    );
    const kept = Array.from({ length: 40 }, (_, i) => run<number>("add", [i, 0]));
    await delay(20 * round);
    abort.abort();
    const outcomes = await Promise.allSettled(cancelled);
    for (const outcome of outcomes) {
      if (outcome.status === "rejected" && !(outcome.reason instanceof TaskCancelledError)) {
        throw outcome.reason;
      }
    }
    assertEquals(await Promise.all(kept), Array.from({ length: 40 }, (_, i) => i));
  }
});

clusterTest(
  "a task whose process is killed is tried again, and the process is replaced",
  2,
  async ({ cluster, run }) => {
    const retry = { maxAttempts: 2, baseDelayMs: 0, maxDelayMs: 0 };
    await Promise.all([run("pidAfter", [50]), run("pidAfter", [50])]);
    const running = Array.from({ length: 20 }, () => run<number>("pidAfter", [50], { retry }));
    await delay(120);
    const [victim] = cluster.executorPids();
    Deno.kill(victim, "SIGKILL");
    assertEquals((await Promise.all(running)).length, 20);
    assertEquals(cluster.executorPids().length, 2);
    assert(!cluster.executorPids().includes(victim));
  },
);

clusterTest(
  "a task sees the TV_* variables of the submitting side, and the next one does not",
  1,
  async ({ run }) => {
    Deno.env.set("TV_TEST_COLOUR", "blue");
    const seen = run<Record<string, string>>("environment", []);
    Deno.env.delete("TV_TEST_COLOUR");
    assertEquals((await seen).TV_TEST_COLOUR, "blue");
    assertEquals((await run<Record<string, string>>("environment", [])).TV_TEST_COLOUR, undefined);
  },
);

clusterTest(
  "what a task sets or deletes of the environment is as before for the next one, in the same process",
  1,
  async ({ run }) => {
    Deno.env.set("TV_TEST_COLOUR", "blue");
    try {
      const before = await run<[number, string]>("spoilEnvironment", []);
      const after = await run<[number, string]>("spoilEnvironment", []);
      assertEquals(after, before);
      assertEquals(JSON.parse(after[1]), [Deno.env.get("PATH"), "blue", null]);
    } finally {
      Deno.env.delete("TV_TEST_COLOUR");
    }
  },
);

clusterTest("a task writes only where its cluster allows", 1, async ({ run, folder }) => {
  await run("writeFile", [`${folder}/writable/x`]);
  assertEquals(await Deno.readTextFile(`${folder}/writable/x`), "x");
  const error = await assertRejects(
    () => run("writeFile", [`${folder}/elsewhere`]),
    TaskFailedError,
  );
  assertEquals(error.causeName, "NotCapable");
});

clusterTest(
  "what cannot be sent is refused at submit, with its path",
  1,
  async ({ cluster: { client } }) => {
    const submit = (args: unknown[]) => () =>
      client.submit({ module: MODULE, exportName: "add" }, args);
    assertThrows(submit([() => 1]), TypeError, "Cannot encode a function at args[0]");
    assertThrows(
      submit(Array.from({ length: 100 }, () => new Uint8Array(90_000))),
      RangeError,
      "Put large values into the object store",
    );
    await assertRejects(
      () => client.put({ a: Symbol("x") }),
      TypeError,
      "Cannot encode a symbol at value.a",
    );
    const unknown = { $object: "0".repeat(64), sizeBytes: 1 };
    await assertRejects(() => client.get(unknown), Error, "is nowhere: it was never put");
  },
);

clusterTest(
  "status tells every process and its peak memory",
  2,
  async ({ cluster: { client }, run }) => {
    await Promise.all(Array.from({ length: 8 }, () => run("pidAfter", [20])));
    const status = await client.status();
    assertEquals(status.headPid, Deno.pid);
    assertEquals(status.workers.map(({ state }) => state), ["connected"]);
    const [{ executors }] = status.workers;
    assertEquals(executors.length, 2);
    for (const { peakMemoryBytes } of executors) assert(peakMemoryBytes > 10e6);
    assertEquals(executors.reduce((sum, { tasksDone }) => sum + tasksDone, 0), 8);
  },
);

clusterTest(
  "a stranger without the token gets in nowhere, and garbage closes only its own connection",
  1,
  async (trial) => {
    const { cluster, run } = trial;
    for (const path of ["/client", "/worker", `/objects/${"0".repeat(64)}`, "/nothing"]) {
      const response = await fetch(`${cluster.headUrl}${path}`, {
        headers: { authorization: "Bearer wrong" },
      });
      await response.body?.cancel();
      assertEquals(response.status, 401);
    }
    const stranger = connect({ headUrl: cluster.headUrl, token: "wrong" });
    const refused = stranger.submit({ module: MODULE, exportName: "add" }, [1, 2]).result;
    await assertRejects(() => refused, Error, "refused the token");
    await stranger[Symbol.asyncDispose]();
    assertEquals(await run("add", [1, 2]), 3);
    assertEquals((await cluster.client.status()).refusedConnections, 5);
  },
);

clusterTest(
  "closing a cluster ends every process and removes its files, also in the middle of work",
  2,
  async (trial) => {
    const { cluster, run } = trial;
    const hopeless = [run("spin", []), run("spin", [])];
    await delay(400);
    const workers = cluster.executorPids();
    const startedAt = performance.now();
    const ended = Promise.allSettled(hopeless);
    await cluster[Symbol.asyncDispose]();
    assert(performance.now() - startedAt < 1_900, `took ${performance.now() - startedAt} ms`);
    for (const outcome of await ended) assertEquals(outcome.status, "rejected");
    for (const pid of workers) assertThrows(() => Deno.kill(pid, "SIGCONT"));
  },
);
