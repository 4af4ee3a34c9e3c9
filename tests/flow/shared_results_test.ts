import { assert, assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { flow, openFlowStore, type ResultStorage, task, transaction } from "../../src/flow/mod.ts";
import { S3Store } from "../../src/lakehouse/store/s3_store.ts";
import { testWithS3, withClient } from "../lakehouse/s3/servers.ts";

const module = import.meta.url;
let calls = 0;

const bytesOf = task("bytes-of", (length: number) => {
  calls++;
  return new Uint8Array(length).fill(length % 251);
}, { run: "local", module });

const sizes = flow("sizes", async (lengths: number[]) => {
  const all = await bytesOf.map(lengths);
  return all.map((bytes) => bytes.length);
});

/** Runs `use` with what opens stores of machines that share nothing but the storage. */
async function withMachines(
  storage: ResultStorage,
  use: (open: (machine: string) => ReturnType<typeof openFlowStore>) => Promise<void>,
): Promise<void> {
  const folder = await Deno.makeTempDir();
  calls = 0;
  try {
    await use((machine) =>
      openFlowStore(`${folder}/${machine}/flow.sqlite`, { sharedResults: storage })
    );
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

function memory(): ResultStorage & { readonly objects: Map<string, Uint8Array> } {
  const objects = new Map<string, Uint8Array>();
  return {
    objects,
    get: (key) => {
      const bytes = objects.get(key);
      return Promise.resolve(bytes && { bytes });
    },
    put: (key, bytes) => {
      objects.set(key, bytes);
      return Promise.resolve();
    },
  };
}

testWithS3(
  "results in a bucket are computed by one machine and found by another",
  async (server) => {
    await withClient(server, async (client) => {
      const storage = new S3Store(client, { bucket: server.bucket, prefix: "flows/" });
      await withMachines(storage, async (open) => {
        const lengths = [3, 2_000_000, 0];
        using first = open("first");
        assertEquals(await sizes.run([lengths], { store: first, runId: "a" }), lengths);
        using second = open("second");
        assertEquals(await sizes.run([lengths], { store: second, runId: "b" }), lengths);
        assertEquals(calls, 3);
        assertEquals(second.runs.taskRuns("b").map(({ state }) => state), Array(3).fill("Cached"));
      });
    });
  },
);

Deno.test("a result is kept beside the storage, so that a machine without it still has its own", async () => {
  const storage = memory();
  await withMachines(storage, async (open) => {
    using store = open("one");
    await sizes.run([[1, 2]], { store, runId: "a" });
    storage.objects.clear();
    await sizes.run([[1, 2]], { store, runId: "b" });
    assertEquals(calls, 2);
  });
});

Deno.test("what is damaged in the storage is computed again", async () => {
  const storage = memory();
  await withMachines(storage, async (open) => {
    using first = open("first");
    await sizes.run([[600, 700]], { store: first, runId: "a" });
    const [one, other] = [...storage.objects.keys()] as [string, string];
    storage.objects.get(one)!.fill(0, 300, 303);
    storage.objects.set(other, new Uint8Array([1, 2, 3]));
    using second = open("second");
    assertEquals(await sizes.run([[600, 700]], { store: second, runId: "b" }), [600, 700]);
    assertEquals(calls, 4);
  });
});

Deno.test("a storage that does not answer is a warning in the log, and the run goes on", async () => {
  const broken: ResultStorage = {
    get: () => Promise.reject(new Error("no route")),
    put: () => Promise.reject(new Error("disk full")),
  };
  await withMachines(broken, async (open) => {
    using store = open("one");
    assertEquals(await sizes.run([[1]], { store, runId: "a" }), [1]);
    const [read, write] = store.runs.logs("a").map(({ level, message }) => `${level} ${message}`);
    assertStringIncludes(read!, "warning Cannot read the result");
    assertStringIncludes(read!, "in the shared storage: no route");
    assertStringIncludes(write!, "in the shared storage: disk full");
  });
});

Deno.test("a transaction shares its results at the commit, and none that were rolled back", async () => {
  const storage = memory();
  await withMachines(storage, async (open) => {
    const both = flow("both", (fails: boolean) =>
      transaction("t", async () => {
        await bytesOf(1);
        assertEquals(storage.objects.size, 0);
        if (fails) throw new Error("no");
      }));
    using store = open("one");
    await assertRejects(() => both.run([true], { store, runId: "a" }));
    assertEquals(storage.objects.size, 0);
    await both.run([false], { store, runId: "b" });
    assert(storage.objects.size === 1);
  });
});
