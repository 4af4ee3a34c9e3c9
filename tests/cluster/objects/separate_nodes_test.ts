import { assert, assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { ObjectLostError } from "../../../cluster/client/mod.ts";
import { until, withSeparateNodes } from "./separate_nodes.ts";
import type { Trial } from "./separate_nodes.ts";

const LENGTH = 100_000;
const SIZE_BYTES = 8 * LENGTH;
const PEERS = "--peer-host=127.0.0.1";
const THROUGH_HEAD = "--peer-host=none";

async function pulledBytes({ client }: Trial, name: string): Promise<number> {
  const { workers } = await client.status();
  return workers.find(({ workerId }) => workerId === name)?.pulledBytes ?? 0;
}

Deno.test("a result stays on its node, other nodes fetch it there, and it is gone when nobody refers to it", () =>
  withSeparateNodes(async (trial) => {
    const { head, client, startNode, submit } = trial;
    const maker = await startNode("maker", PEERS);
    const reader = await startNode("reader", PEERS);
    const made = submit<Float64Array>("ones", [LENGTH], maker);
    assertEquals(await submit("sum", [made], maker).result, LENGTH);
    assertEquals(await pulledBytes(trial, "maker"), 0);

    assertEquals(await submit("sum", [made], reader).result, LENGTH);
    assert(await pulledBytes(trial, "reader") >= SIZE_BYTES);
    assertEquals(head.objects.store.list(), []);

    assertEquals((await made.result).length, LENGTH);
    assertEquals(head.objects.store.list().length, 1);
    await until(async () => (await client.status()).objects.count === 0);
    await until(() => maker.files("memory").length + reader.files("memory").length === 0);
    assertEquals(head.objects.store.list(), []);
  }));

Deno.test("what a node holds that others cannot reach is fetched through the head", () =>
  withSeparateNodes(async (trial) => {
    const { head, startNode, submit } = trial;
    const maker = await startNode("maker", THROUGH_HEAD);
    const reader = await startNode("reader", THROUGH_HEAD);
    const made = submit<Float64Array>("ones", [LENGTH], maker);
    assertEquals(await submit("sum", [made], reader).result, LENGTH);
    assertEquals(head.objects.store.list().length, 1);
  }));

Deno.test("a result whose node was killed is computed again, with what it was made of", () =>
  withSeparateNodes(async (trial) => {
    const { startNode, submit } = trial;
    const maker = await startNode("maker", PEERS);
    const ones = trial.client.submit<Float64Array>(tasks("ones"), [LENGTH]);
    const scaled = trial.client.submit<Float64Array>(tasks("scaled"), [ones, 3]);
    assertEquals(await submit("sum", [scaled]).result, 3 * LENGTH);
    await maker.kill();
    await startNode("other", PEERS);
    assertEquals((await scaled.result)[LENGTH - 1], 3);
    assertEquals(await submit("sum", [ones]).result, LENGTH);
  }));

Deno.test("a broken file is noticed by whoever fetches it: the holder lets go of it, and the task runs again", () =>
  withSeparateNodes(async (trial) => {
    const { startNode, submit } = trial;
    const maker = await startNode("maker", PEERS);
    const reader = await startNode("reader", PEERS);
    const made = submit<Float64Array>("ones", [LENGTH], maker);
    assertEquals(await submit("sum", [made], maker).result, LENGTH);
    const [file] = maker.files("memory");
    const bytes = await Deno.readFile(file);
    bytes[SIZE_BYTES >> 1] ^= 1;
    await Deno.writeFile(file, bytes);
    assertEquals(await submit("sum", [made], reader).result, LENGTH);
  }));

Deno.test("a node with little memory spills to disk what is least used, and reads it from there", () =>
  withSeparateNodes(async (trial) => {
    const { startNode, submit } = trial;
    const node = await startNode("node", PEERS, `--object-memory=${2 * SIZE_BYTES + 100_000}`);
    const made = Array.from({ length: 5 }, (_, i) => submit("ones", [LENGTH + i], node));
    await Promise.all(made.map((handle) => submit("sum", [handle], node).result));
    await until(() => node.files("disk").length >= 3 && node.files("memory").length <= 2);
    const sums = await Promise.all(made.map((handle) => submit("sum", [handle], node).result));
    assertEquals(sums, made.map((_, i) => LENGTH + i));
  }));

Deno.test("a put that nobody holds any more is lost, and says so", () =>
  withSeparateNodes(async ({ client, head }) => {
    const ref = await client.put(new Float64Array(LENGTH));
    client.release(ref);
    await until(() => head.objects.store.list().length === 0);
    const error = await assertRejects(() => client.get(ref), ObjectLostError);
    assertStringIncludes(error.message, ref.$object);
  }));

Deno.test("what was pinned stays until it is unpinned", () =>
  withSeparateNodes(async ({ client, head }) => {
    const pinned = await client.put(new Float64Array(LENGTH), { pinned: true });
    const other = await client.put(new Float64Array(LENGTH + 1));
    client.release(pinned);
    client.release(other);
    await until(() => head.objects.store.list().length === 1);
    assertEquals((await client.get<Float64Array>(pinned)).length, LENGTH);
    client.unpin(pinned);
    await until(() => head.objects.store.list().length === 0);
  }));

function tasks(exportName: string) {
  return { module: new URL("../client/tasks.ts", import.meta.url).href, exportName };
}
