import type { ClusterClient } from "../../../cluster/client/mod.ts";
import type { PriceStore } from "../../cluster/client/test_actors.ts";

const chaosTasks = new URL("../chaos/tasks.ts", import.meta.url).href;
const clientTasks = (file: string) => new URL(`../../cluster/client/${file}`, import.meta.url).href;
const SMALL_TASKS = 40;
const STREAM_ITEMS = 6;
const PUT_NUMBERS = 100_000;

/** One round of everything that a cluster does: small tasks, one that is cancelled, a large object that is put, read and
 * released, a stream of large items, and an actor's life.
 * @throws {Error} when anything comes to another result than its own */
export async function mixedLoad(client: ClusterClient, round: number): Promise<void> {
  await Promise.all([
    tasks(client),
    cancelled(client),
    object(client, round),
    stream(client),
    actor(client),
  ]);
}

async function tasks(client: ClusterClient): Promise<void> {
  const stamp = { module: chaosTasks, exportName: "stamp" };
  const handles = Array.from(
    { length: SMALL_TASKS },
    (_, n) => client.submit<[number, number], { square: number }>(stamp, [n, n % 7], {}),
  );
  for (const [n, handle] of handles.entries()) {
    const { square } = await handle.result;
    expect(square === n * n, `${n} squared is ${square}`);
    client.release(handle);
  }
}

async function cancelled(client: ClusterClient): Promise<void> {
  const stamp = { module: chaosTasks, exportName: "stamp" };
  const handle = client.submit<[number, number], unknown>(stamp, [1, 60_000], {});
  handle.cancel();
  const end = await handle.result.then(() => "ended", () => "cancelled");
  expect(end === "cancelled", `a cancelled task has ${end}`);
}

async function object(client: ClusterClient, round: number): Promise<void> {
  const ref = await client.put(new Float64Array(PUT_NUMBERS).fill(round));
  const value = await client.get(ref) as Float64Array;
  expect(value.length === PUT_NUMBERS && value[7] === round, "an object has changed");
  client.release(ref);
}

async function stream(client: ClusterClient): Promise<void> {
  const arrays = { module: clientTasks("stream_tasks.ts"), exportName: "arrays" };
  let count = 0;
  for await (const item of client.stream<[number], Float64Array>(arrays, [STREAM_ITEMS], {})) {
    expect(item[0] === count++, "a stream is out of order");
  }
  expect(count === STREAM_ITEMS, `a stream had ${count} items`);
}

async function actor(client: ClusterClient): Promise<void> {
  const store = client.actor<PriceStore>(
    { module: clientTasks("test_actors.ts"), exportName: "PriceStore" },
    [["A"], new Float64Array([1])],
    {},
  );
  const days = await store.call.append({ A: 2 });
  expect(days === 2, `an actor has ${days} days`);
  store.terminate();
}

function expect(isSo: boolean, otherwise: string): void {
  if (!isSo) throw new Error(`Under load ${otherwise}`);
}
