import { assert, assertEquals, assertMatch, assertRejects, assertThrows } from "@std/assert";
import { delay } from "@std/async/delay";
import { currentClient, taskContext, TaskFailedError } from "../../../cluster/client/mod.ts";
import type { ClusterClient, TaskContext } from "../../../cluster/client/mod.ts";
import { clusterTests } from "./cluster_test_case.ts";

const clusterTest = clusterTests(new URL("./nested_tasks.ts", import.meta.url).href);

/** Waits until it is so, looking again and again. */
async function until(isSo: () => boolean | Promise<boolean>): Promise<void> {
  for (let left = 1_000; !await isSo(); left--) {
    if (left === 0) throw new Error("it never came to it");
    await delay(20);
  }
}

async function countOf(client: ClusterClient, state: string): Promise<number> {
  return (await client.status()).tasks[state];
}

function exists(path: string): boolean {
  try {
    return Deno.statSync(path).isFile;
  } catch {
    return false;
  }
}

clusterTest(
  "tasks that wait for tasks need no slot: recursion on a single one ends",
  1,
  async (trial) => {
    assertEquals(await trial.run("fib", [7]), 13);
    assertEquals(await trial.run("nest", [9]), 9);
    const { workers } = await trial.cluster.client.status();
    assertEquals(workers.map(({ running }) => running), [0]);
  },
);

clusterTest("a task knows its id, its attempt, its node and its time", 1, async (trial) => {
  const before = Date.now();
  const handle = trial.cluster.client.submit<Omit<TaskContext, "signal">>(
    { module: new URL("./nested_tasks.ts", import.meta.url).href, exportName: "context" },
    [],
    { name: "who am I", runTimeoutMs: 60_000, priority: 3 },
  );
  const context = await handle.result;
  assertEquals(context.taskId, handle.taskId);
  assertEquals([context.name, context.attempt, context.priority], ["who am I", 1, 3]);
  assertEquals((await trial.cluster.client.status()).workers[0].workerId, context.node);
  assert(context.deadlineMs >= before + 60_000 && context.deadlineMs < Date.now() + 60_001);
});

clusterTest("a task puts, gets and passes on objects", 1, async ({ run }) => {
  assertEquals(await run("sumOfOnes", [100_000]), 200_000);
});

clusterTest(
  "a recursion that does not end fails with its limit, and takes nothing else with it",
  1,
  async ({ run }) => {
    const error = await assertRejects(() => run("multiply", []), TaskFailedError);
    assertMatch(error.message, /of multiply \(.*\) and the tasks within it 20 have not ended/);
    assertEquals(await run("fib", [4]), 3);
  },
  { maxFamilySize: 20 },
);

clusterTest(
  "what a task leaves running is cancelled when it ends, but for what is detached",
  1,
  async (trial) => {
    const { run, folder, cluster: { client } } = trial;
    await run("leaveChildren", [300, `${folder}/writable`]);
    await until(() => exists(`${folder}/writable/detached`));
    await until(async () => await countOf(client, "running") === 0);
    assert(!exists(`${folder}/writable/child`));
    // Nothing of them is left.
    assertEquals(Object.values((await client.status()).tasks).reduce((sum, n) => sum + n, 0), 0);
  },
);

clusterTest(
  "children are cancelled when their parent's process dies, or it is cancelled",
  2,
  async (trial) => {
    const { run, folder, cluster: { client } } = trial;
    const path = `${folder}/writable/child`;
    await assertRejects(
      () => run("holdChild", [60_000, path, true]),
      TaskFailedError,
      "exit code 3",
    );
    await until(async () => await countOf(client, "running") === 0);
    const abort = new AbortController();
    const held = run("holdChild", [60_000, path, false], { signal: abort.signal });
    await until(async () => await countOf(client, "running") === 2);
    abort.abort();
    await assertRejects(() => held, Error, "was cancelled");
    await until(async () => await countOf(client, "running") === 0);
  },
);

clusterTest(
  "a task that is cancelled is told first, and its process goes on when it ends by itself",
  1,
  async (trial) => {
    const { run, folder, cluster: { client } } = trial;
    const abort = new AbortController();
    const path = `${folder}/writable/stopped`;
    const waiting = run("untilAborted", [path], { signal: abort.signal });
    await until(async () => await countOf(client, "running") === 1);
    const [before] = (await client.status()).workers[0].executors;
    abort.abort();
    await assertRejects(() => waiting, Error, "was cancelled");
    await until(() => exists(path));
    await run("sum", [new Float64Array(3)]);
    const after = (await client.status()).workers[0].executors;
    assertEquals(after.map(({ pid }) => pid), [before.pid]);
  },
);

clusterTest(
  "a child's failure reaches its parent, and whoever waits for that",
  1,
  async ({ run }) => {
    await assertRejects(() => run("failInside", []), TaskFailedError, "deep inside");
  },
);

clusterTest(
  "a child may do what its parent may and no more, whatever the parent's code says to the head",
  1,
  async ({ run, folder }) => {
    await Deno.writeTextFile(`${folder}/secret`, "told");
    const permissions = { read: [`${folder}/writable`], ffi: false };
    assertEquals(await run("tryToRead", [`${folder}/secret`]), "told");
    assertEquals(await run("readInChild", [`${folder}/secret`], { permissions }), {
      child: "NotCapable",
      wider: "Cannot let a task read /: the task that submits it may not do so itself",
    });
    const refused = await run("escape", [`${folder}/secret`], { permissions });
    assertMatch(String(refused), /does not say its permission read/);
  },
);

Deno.test("outside of a task there is neither a context nor a client", () => {
  assertThrows(() => taskContext(), Error, "does not run in a task");
  assertThrows(() => currentClient(), Error, "does not run in a task");
});
