import { assertEquals, assertStringIncludes } from "@std/assert";
import type { ClusterClient } from "../../cluster/client/mod.ts";
import { until, withFolder } from "./cli.ts";
import { CommandCluster } from "./command_cluster.ts";

const MODULE = new URL("../cluster/client/unruly_tasks.ts", import.meta.url).href;
const PATIENCE_MS = 30_000;

async function untilRunning(client: ClusterClient, count: number): Promise<void> {
  while ((await client.status()).tasks.running !== count);
}

async function workerIds(client: ClusterClient): Promise<string[]> {
  return (await client.status()).workers.filter(({ state }) => state !== "dead")
    .map(({ workerId }) => workerId);
}

Deno.test("cluster:drain lets a worker finish what it runs, or takes it back at the deadline; the worker ends", () =>
  withFolder(async (folder) => {
    const cluster = new CommandCluster(folder);
    await cluster.startHead("0");
    const first = await cluster.startWorker();
    const client = cluster.connect();
    while ((await workerIds(client)).length < 1);
    const [firstId] = await workerIds(client);
    const gate = `${folder}/gate`;
    const waits = client.submit({ module: MODULE, exportName: "untilExists" }, [gate]);
    await untilRunning(client, 1);

    const drain = cluster.command("cluster:drain", firstId.slice(-6));
    await until("it drains", () => drain.stdoutSoFar.includes("1 running"), PATIENCE_MS);
    const second = await cluster.startWorker();
    const other = client.submit({ module: MODULE, exportName: "pid" }, []);
    await other.result;
    await Deno.writeTextFile(gate, "");
    assertEquals(await waits.result, true);
    const { code, stdout } = await drain.result();
    assertEquals([code, stdout.endsWith(`${firstId} is gone.\n`)], [0, true]);
    assertEquals((await first.result()).code, 0);

    const [secondId] = await workerIds(client);
    const stuck = client.submit({ module: MODULE, exportName: "untilExists" }, [`${folder}/never`]);
    await untilRunning(client, 1);
    const third = await cluster.startWorker();
    const limited = await cluster.command("cluster:drain", secondId, "--deadline=300ms").result();
    assertEquals(limited.code, 0, limited.stderr);
    assertEquals((await second.result()).code, 0);
    await untilRunning(client, 1);
    assertEquals((await workerIds(client)).length, 1);
    stuck.cancel();
    await stuck.result.catch(() => {});

    const unknown = await cluster.command("cluster:drain", "nobody").result();
    assertEquals(unknown.code, 2);
    assertStringIncludes(unknown.stderr, 'Cannot drain "nobody": no worker has this id');
    await client[Symbol.asyncDispose]();
    for (const command of [third, cluster.head]) command.kill("SIGTERM");
    assertEquals((await cluster.head.result()).code, 0);
    assertEquals((await third.result()).code, 0);
  }));

Deno.test("cluster:stop ends workers and head once what runs has ended; what has not begun goes on with the next head", () =>
  withFolder(async (folder) => {
    const cluster = new CommandCluster(folder);
    await cluster.startHead("0");
    const worker = await cluster.startWorker();
    const client = cluster.connect();
    const gate = `${folder}/gate`;
    const runs = client.submit({ module: MODULE, exportName: "untilExists" }, [gate]);
    await untilRunning(client, 1);
    const waits = client.submit({ module: MODULE, exportName: "pid" }, []);
    const stop = cluster.command("cluster:stop");
    await until("it stops", () => stop.stdoutSoFar.includes("drains its workers"), PATIENCE_MS);
    await Deno.writeTextFile(gate, "");
    assertEquals(await runs.result, true);
    const { code, stdout } = await stop.result();
    assertEquals([code, stdout.endsWith("It has stopped.\n")], [0, true]);
    assertEquals((await cluster.head.result()).code, 0);
    assertEquals((await worker.result()).code, 0);

    await cluster.startHead(cluster.port);
    const next = await cluster.startWorker();
    assertEquals(typeof await waits.result, "number");
    await client[Symbol.asyncDispose]();
    assertEquals((await cluster.command("cluster:stop", "--deadline=1s").result()).code, 0);
    assertEquals((await next.result()).code, 0);
    const away = await cluster.command("cluster:stop").result();
    assertEquals(away.code, 1);
    assertStringIncludes(away.stderr, "Cannot reach the head at");
  }));
