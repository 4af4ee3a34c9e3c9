import { assertEquals } from "@std/assert";
import type { ClusterClient } from "../../cluster/client/mod.ts";
import type { PriceStore } from "../cluster/client/test_actors.ts";
import { withFolder } from "./cli.ts";
import { CommandCluster } from "./command_cluster.ts";

const tasksIn = (file: string) => new URL(`../cluster/client/${file}`, import.meta.url).href;

const ITEMS = 60;
const CALLS = 40;
/** Days that an actor has from the start: its state is too large for messages. */
const HISTORY = 30_000;

/** The first numbers of a stream of large arrays. */
async function firstOfEach(client: ClusterClient, onItem: () => void): Promise<number[]> {
  const arrays = { module: tasksIn("stream_tasks.ts"), exportName: "arrays" };
  const firsts: number[] = [];
  for await (const array of client.stream<[number], Float64Array>(arrays, [ITEMS], { window: 4 })) {
    firsts.push(array[0]);
    onItem();
  }
  return firsts;
}

/** What calls that each save the actor's state return, one after the other. */
async function daysAfterEach(client: ClusterClient, onCall: () => void): Promise<number[]> {
  const store = client.actor<PriceStore>(
    { module: tasksIn("test_actors.ts"), exportName: "PriceStore" },
    [["A"], new Float64Array(HISTORY).fill(1)],
    { checkpointEveryCalls: 1 },
  );
  const days: number[] = [];
  for (let i = 0; i < CALLS; i++) {
    days.push(await store.call.append({ A: i }) - HISTORY);
    onCall();
  }
  store.terminate();
  return days;
}

Deno.test("a head that is killed under streams of large items and actors of large states: every item comes once, every call counts once", () =>
  withFolder(async (folder) => {
    const cluster = new CommandCluster(folder);
    await cluster.startHead("0");
    await cluster.startWorker("--cpus=2");
    await using client = cluster.connect();
    const underWay = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
    const results = Promise.all([
      firstOfEach(client, () => underWay[0].resolve()),
      daysAfterEach(client, () => underWay[1].resolve()),
    ]);
    await Promise.race([results, Promise.all(underWay.map(({ promise }) => promise))]);
    cluster.head.kill("SIGKILL");
    await cluster.head.result();
    // Gets and puts of this moment find nobody there.
    const value = new Float64Array(50_000).fill(7);
    const put = client.put(value);
    await cluster.startHead(cluster.port);
    assertEquals(await client.get(await put), value);
    const [firsts, days] = await results;
    assertEquals(firsts, Array.from({ length: ITEMS }, (_, i) => i));
    assertEquals(days, Array.from({ length: CALLS }, (_, i) => i + 1));
    await client[Symbol.asyncDispose]();
    await cluster.stop();
  }));
