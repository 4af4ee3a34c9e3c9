import { assertEquals, assertRejects } from "@std/assert";
import { sha256Hex } from "../../../src/base/hash.ts";
import { ObjectStore } from "../../../cluster/objects/object_store.ts";
import type { ObjectTier } from "../../../cluster/objects/object_tier.ts";

const KIB = 1024;

interface Trial {
  readonly store: ObjectStore;
  readonly inUse: Set<string>;
  /** Stores an object of 1 KiB of a byte. */
  readonly put: (byte: number) => Promise<string>;
  /** Where each object lies. */
  readonly places: () => Promise<{ memory: string[]; disk: string[] }>;
}

function bytesOf(byte: number): Uint8Array<ArrayBuffer> {
  return new Uint8Array(KIB).fill(byte);
}

async function withStore(
  memoryLimitBytes: number,
  test: (trial: Trial) => Promise<void>,
  lastTier?: ObjectTier,
): Promise<void> {
  const folder = await Deno.makeTempDir();
  const folders = { memory: `${folder}/memory`, disk: `${folder}/disk` };
  const inUse = new Set<string>();
  const isInUse = (id: string) => inUse.has(id);
  const store = new ObjectStore({ folders, memoryLimitBytes, isInUse, lastTier });
  const put = async (byte: number) => {
    const id = sha256Hex(bytesOf(byte));
    await store.write(id, ReadableStream.from([bytesOf(byte)]), KIB, KIB);
    return id;
  };
  const list = async (path: string) =>
    (await Array.fromAsync(Deno.readDir(path), ({ name }) => name)).sort();
  try {
    await test({
      store,
      inUse,
      put,
      places: async () => ({
        memory: await list(folders.memory),
        disk: await list(folders.disk),
      }),
    });
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

Deno.test("ObjectStore spills what was used longest ago, and reads it back when it is used again", () =>
  withStore(2 * KIB, async ({ store, put, places }) => {
    const [a, b] = [await put(1), await put(2)];
    await store.use(a);
    const c = await put(3);
    assertEquals(await places(), { memory: [a, c].sort(), disk: [b] });
    assertEquals(store.status, {
      memoryBytes: 2 * KIB,
      memoryLimitBytes: 2 * KIB,
      diskBytes: KIB,
    });

    const found = await store.use(b);
    assertEquals(await Deno.readFile(found!.path), bytesOf(2));
    assertEquals(await places(), { memory: [b, c].sort(), disk: [a] });
  }));

Deno.test("ObjectStore has settled once files that were written past it are within its limit", () =>
  withStore(2 * KIB, async ({ store, places }) => {
    for (const byte of [1, 2, 3, 4, 5]) {
      const id = sha256Hex(bytesOf(byte));
      await Deno.writeFile(`${store.folders.memory}/${id}`, bytesOf(byte));
      store.admit(id);
    }
    await store.settled();
    const { memory, disk } = await places();
    assertEquals([memory.length, disk.length], [2, 3]);
  }));

Deno.test("ObjectStore leaves objects in use where they are: what has no room goes to disk", () =>
  withStore(2 * KIB, async ({ inUse, put, places }) => {
    const [a, b] = [await put(1), await put(2)];
    inUse.add(a).add(b);
    const c = await put(3);
    assertEquals(await places(), { memory: [a, b].sort(), disk: [c] });
  }));

Deno.test("ObjectStore keeps nothing of what has another hash, or is too large", () =>
  withStore(2 * KIB, async ({ store, places }) => {
    const id = sha256Hex(bytesOf(1));
    const write = (byte: number, maxBytes: number) =>
      store.write(id, ReadableStream.from([bytesOf(byte)]), maxBytes);
    await assertRejects(() => write(2, KIB), RangeError, "its bytes have the hash");
    await assertRejects(() => write(1, KIB - 1), RangeError, "more than 1023 bytes");
    assertEquals([store.has(id), await places()], [false, { memory: [], disk: [] }]);
  }));

Deno.test("ObjectStore notices a file that was damaged on disk, and lets go of it", () =>
  withStore(KIB, async ({ store, put, places }) => {
    const [a, b] = [await put(1), await put(2)];
    const { disk } = await places();
    assertEquals(disk, [a]);
    await Deno.writeFile(`${store.folders.disk}/${a}`, bytesOf(9));
    await assertRejects(() => store.use(a), RangeError);
    assertEquals([store.has(a), store.has(b)], [false, true]);
    const found = await store.use(b);
    assertEquals(await store.verify(b), true);
    await Deno.writeFile(found!.path, bytesOf(9));
    assertEquals([await store.verify(b), store.has(b)], [false, false]);
  }));

Deno.test("ObjectStore finds at its start what an earlier one left, and clears what that did not finish", () =>
  withStore(KIB, async ({ store, put, places }) => {
    const ids = [await put(1), await put(2)];
    await Deno.writeTextFile(`${store.folders.disk}/.tmp_x`, "half");
    const next = new ObjectStore({ folders: store.folders, memoryLimitBytes: KIB });
    assertEquals(next.list().map(({ objectId }) => objectId).sort(), [...ids].sort());
    assertEquals((await places()).disk.length, 1);
    next.remove(ids[0]);
    next.remove(ids[1]);
    assertEquals(await places(), { memory: [], disk: [] });
  }));
