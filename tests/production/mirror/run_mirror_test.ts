import { assert, assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import fc from "fast-check";
import { UserError } from "../../../src/base/errors.ts";
import { sha256Hex } from "../../../src/base/hash.ts";
import { flow, openFlowStore, task } from "../../../src/flow/mod.ts";
import { LocalStore } from "../../../src/lakehouse/store/local_store.ts";
import type { ObjectStore } from "../../../src/lakehouse/store/object_store.ts";
import { S3Store } from "../../../src/lakehouse/store/s3_store.ts";
import { restoreRun } from "../../../src/production/mirror/restore_run.ts";
import { MirrorTakenError, RunMirror } from "../../../src/production/mirror/run_mirror.ts";
import { outputFolders, RunFolder } from "../../../src/production/run_folder.ts";
import { testWithS3, withClient } from "../../lakehouse/s3/servers.ts";

let computed = 0;
const double = task("double", (x: number, folder: string) => {
  computed++;
  return { twice: 2 * x, file: `${folder}/store/x` };
}, { run: "local", module: import.meta.url });

/** A machine: an output folder, and a run in it. */
class Machine {
  readonly folders;
  readonly run: RunFolder;

  constructor(root: string) {
    this.folders = outputFolders(root);
    this.run = new RunFolder(this.folders, "r");
  }

  async begin(): Promise<void> {
    await this.run.create();
    await this.write(
      "config/production.json",
      JSON.stringify({ prices: "/elsewhere/p.csv", selection: {} }),
    );
  }

  write(path: string, text: string): Promise<void> {
    return Deno.writeTextFile(`${this.run.path}/${path}`, text);
  }

  read(path: string): Promise<string> {
    return Deno.readTextFile(`${this.run.path}/${path}`);
  }

  /** Runs the flow of so many tasks. */
  async work(tasks: number): Promise<unknown[]> {
    using store = openFlowStore(this.folders.flowStore);
    const double20 = flow(
      "f",
      (n: number) => double.map(Array.from({ length: n }, (_, i) => i), this.folders.root),
    );
    return await double20.run([tasks], { store, runId: "r" });
  }

  /** Mirrors by `use`. */
  async mirror<T>(remote: ObjectStore, use: (mirror: RunMirror) => Promise<T>): Promise<T> {
    using store = openFlowStore(this.folders.flowStore);
    const readInputs = async (put: (bytes: Uint8Array) => Promise<string>) => ({
      prices: {
        type: "file" as const,
        name: "my prices.csv",
        sha256: await put(new Uint8Array(9)),
      },
      tradedValues: null,
    });
    return await use(new RunMirror({ remote, run: this.run, store, readInputs }));
  }
}

async function withMachines(
  test: (first: Machine, second: Machine, root: string) => Promise<void>,
): Promise<void> {
  const root = await Deno.makeTempDir();
  try {
    await test(new Machine(`${root}/first`), new Machine(`${root}/second`), root);
  } finally {
    await Deno.remove(root, { recursive: true });
  }
}

async function checkMirror(remote: ObjectStore): Promise<void> {
  await withMachines(async (first, second) => {
    await first.begin();
    await first.write("audit.jsonl", "one\n");
    await first.write("data/returns.parquet", "bytes");
    await first.mirror(remote, async (mirror) => {
      assertEquals(await mirror.sync(), true);
      assertEquals(await mirror.sync(), false, "nothing is new");
      await Deno.writeTextFile(`${first.run.path}/audit.jsonl`, "two\n", { append: true });
      await first.work(5);
      assertEquals(await mirror.sync(), true);
    });

    const run = await restoreRun(remote, second.folders, "r", 0);
    assertEquals(run.path, second.run.path);
    assertEquals(await second.read("audit.jsonl"), "one\ntwo\n");
    const { prices } = JSON.parse(await second.read("config/production.json"));
    assertEquals(prices, `${second.folders.root}/inputs/r/my prices.csv`);
    assertEquals((await Deno.readFile(prices)).length, 9);
    const inStore = `${second.folders.store}/${sha256Hex("bytes")}.parquet`;
    assertEquals(await Deno.readTextFile(inStore), "bytes");
    computed = 0;
    assertEquals(
      await second.work(6),
      Array.from({ length: 6 }, (_, i) => ({
        twice: 2 * i,
        file: `${second.folders.root}/store/x`,
      })),
    );
    assertEquals(computed, 1, "what was computed on the first machine is not computed again");
    await assertRejects(() => restoreRun(remote, second.folders, "r", 0), UserError, "one already");
    await assertRejects(
      () => restoreRun(remote, second.folders, "q", 0),
      UserError,
      "there is no such run",
    );
  });
}

Deno.test("a run is opened on another machine as it was at its last sync, and goes on from there", async () => {
  const dir = await Deno.makeTempDir();
  await checkMirror(new LocalStore(dir));
  await Deno.remove(dir, { recursive: true });
});

testWithS3(
  "a run is opened on another machine from S3 alone",
  (server) =>
    withClient(
      server,
      (client) => checkMirror(new S3Store(client, { bucket: server.bucket, prefix: "team/" })),
    ),
);

Deno.test("of two machines that mirror the same run the later one goes on, and the other is told", () =>
  withMachines(async (first, second, root) => {
    const remote = new LocalStore(`${root}/remote`);
    await first.begin();
    await first.mirror(remote, async (mirror) => {
      await mirror.sync();
      await restoreRun(remote, second.folders, "r", 0);
      await second.mirror(remote, async (other) => {
        await second.write("audit.jsonl", "second\n");
        await other.sync();
        await first.write("audit.jsonl", "first\n");
        const error = await assertRejects(() => mirror.sync(), MirrorTakenError);
        assertStringIncludes(error.message, "another process goes on with it");
        await assertRejects(() => mirror.sync(), MirrorTakenError);
        await second.write("metrics.json", "{}");
        assertEquals(await other.sync(), true);
      });
    });
    const third = outputFolders(`${root}/third`);
    const { ledger } = await restoreRun(remote, third, "r", 0);
    assertEquals(await Deno.readTextFile(ledger), "second\n");
  }));

Deno.test("the ledger is sent in parts: what was sent once is not sent again", () =>
  withMachines(async (first, _, root) => {
    const inner = new LocalStore(`${root}/remote`);
    let sent = 0;
    const remote = Object.assign(Object.create(inner) as LocalStore, {
      get: (key: string) => inner.get(key),
      swap: (key: string, bytes: Uint8Array, tag: string | null) => inner.swap(key, bytes, tag),
      put: (key: string, bytes: Uint8Array) => {
        sent += bytes.length;
        return inner.put(key, bytes);
      },
    });
    await first.begin();
    await first.mirror(remote, async (mirror) => {
      await mirror.sync();
      sent = 0;
      for (let i = 0; i < 20; i++) {
        await Deno.writeTextFile(`${first.run.path}/audit.jsonl`, String(i).padStart(1000), {
          append: true,
        });
        await mirror.sync();
      }
      assertEquals(sent, 20_000);
    });
  }));

/** Fails some calls, some of them after they had their effect. */
function unreliable(inner: ObjectStore, plan: readonly ("ok" | "before" | "after")[]): ObjectStore {
  let call = 0;
  const through = async <T>(work: () => Promise<T>): Promise<T> => {
    const outcome = plan[call++] ?? "ok";
    if (outcome === "before") throw new Error("no connection");
    const result = await work();
    if (outcome === "after") throw new Error("the answer was lost");
    return result;
  };
  return {
    url: inner.url,
    isLocal: false,
    get: (key) => through(() => inner.get(key)),
    getRange: (key, start, end, check) => through(() => inner.getRange(key, start, end, check)),
    put: (key, bytes, sha256) => through(() => inner.put(key, bytes, sha256)),
    swap: (key, bytes, expected) => through(() => inner.swap(key, bytes, expected)),
    list: (prefix) => inner.list(prefix),
    remove: (keys) => inner.remove(keys),
  };
}

Deno.test("whatever requests fail, before or after their effect, a reader sees a whole run, and the end is complete", async () => {
  const outcome = fc.constantFrom(
    "ok" as const,
    "ok" as const,
    "before" as const,
    "after" as const,
  );
  await fc.assert(
    fc.asyncProperty(
      fc.array(outcome, { maxLength: 25 }),
      (plan) =>
        withMachines(async (first, _, root) => {
          const inner = new LocalStore(`${root}/remote`);
          await first.begin();
          await first.mirror(unreliable(inner, plan), async (mirror) => {
            let text = "";
            for (let step = 0; step < 6; step++) {
              text += `line ${step}\n`;
              await first.write("audit.jsonl", text);
              await first.write("run.json", String(step));
              const isSent = await mirror.sync().then(() => true, () => false);
              const reader = outputFolders(`${root}/reader${step}`);
              const seen = await restoreRun(inner, reader, "r", 0).catch((error) => error);
              if (seen instanceof RunFolder) {
                const summary = Number(await Deno.readTextFile(seen.summary));
                const ledger = await Deno.readTextFile(seen.ledger);
                assertEquals(ledger.split("\n").length - 2, summary, "of one moment");
                if (isSent) assertEquals(summary, step);
              } else {
                assert(!isSent && seen instanceof UserError, String(seen));
              }
            }
            for (let i = 0; i < 30; i++) await mirror.sync().catch(() => {});
          });
          const { ledger } = await restoreRun(inner, outputFolders(`${root}/end`), "r", 0);
          assertEquals((await Deno.readTextFile(ledger)).split("\n").length, 7);
        }),
    ),
    { numRuns: 5 },
  );
});

Deno.test("a damaged object or index is refused by name, and leaves no run behind", () =>
  withMachines(async (first, second, root) => {
    const remote = new LocalStore(`${root}/remote`);
    await first.begin();
    await first.write("audit.jsonl", "one\n");
    await first.mirror(remote, (mirror) => mirror.sync());
    await remote.put(`objects/${sha256Hex("one\n")}`, new TextEncoder().encode("forged\n"));
    await assertRejects(
      () => restoreRun(remote, second.folders, "r", 0),
      UserError,
      "its bytes are others",
    );
    assertEquals([...Deno.readDirSync(second.folders.runs)], []);
    const index = (await remote.get("runs/r/index.json"))!.bytes;
    const hostile = new TextDecoder().decode(index).replace("audit.jsonl", "../../evil");
    await remote.put("runs/r/index.json", new TextEncoder().encode(hostile));
    await assertRejects(
      () => restoreRun(remote, second.folders, "r", 0),
      UserError,
      "no index of run r",
    );
  }));
