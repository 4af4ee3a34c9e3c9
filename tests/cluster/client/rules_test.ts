import { assertEquals, assertRejects } from "@std/assert";
import { TaskFailedError } from "../../../cluster/client/mod.ts";
import { anotherNode, clusterTests } from "./cluster_test_case.ts";

const MODULE = new URL("rules_tasks.ts", import.meta.url).href;
const clusterTest = clusterTests(MODULE);

clusterTest(
  "a task that hangs where others of its name are quick is overtaken by a second attempt of it on another node",
  1,
  async (trial) => {
    const { cluster, run, folder } = trial;
    await using _other = await anotherNode(trial);
    await Promise.all([1, 2, 3].map(() => run("quick", [], { name: "usual" })));
    const options = { name: "usual", speculate: true };
    assertEquals(await run("slowAtFirst", [`${folder}/writable`], options), "second");
    // The first attempt is ended: its worker is free again.
    for (;;) {
      const { workers } = await cluster.client.status();
      if (workers.every(({ running, queued }) => running + queued === 0)) break;
    }
    await Promise.all([1, 2, 3, 4].map(() => run("quick", [])));
  },
);

clusterTest(
  "calls of one idempotency key run once",
  2,
  async ({ run, folder }) => {
    const args = [`${folder}/writable`];
    const options = { idempotencyKey: "once" };
    const results = Array.from({ length: 5 }, () => run("countRuns", args, options));
    assertEquals(await Promise.all(results), [1, 1, 1, 1, 1]);
    assertEquals(await run("countRuns", args, options), 1);
  },
);

clusterTest(
  "in a cluster whose workers are all there, what none of them could ever hold fails",
  1,
  async ({ run }) => {
    await run("quick", []);
    const error = await assertRejects(
      () => run("quick", [], { resources: { cpus: 64 }, failFast: true }),
      TaskFailedError,
      "the one worker that is here could never hold",
    );
    assertEquals(error.kind, "unschedulable");
  },
);

clusterTest(
  "a drained node leaves its results behind: nothing is computed again",
  1,
  async (trial) => {
    const { cluster: { client, headUrl, token }, run, folder } = trial;
    const other = await anotherNode(trial);
    const args = [`${folder}/writable`];
    const made = client.submit<Uint8Array>(
      { module: MODULE, exportName: "countedMegabyte" },
      args,
      {
        affinity: { nodes: ["another"], mode: "require" },
      },
    );
    while ((await client.status()).tasks.succeeded === 0);
    const headers = { authorization: `Bearer ${token}` };
    const asked = await fetch(`${headUrl}/drain?worker=another`, { method: "POST", headers });
    assertEquals([asked.status, await asked.text()], [202, ""]);
    await other.finished;
    await other[Symbol.asyncDispose]();
    assertEquals((await made.result)[0], 1);
    assertEquals(await run("firstByte", [made]), 1);
  },
);
