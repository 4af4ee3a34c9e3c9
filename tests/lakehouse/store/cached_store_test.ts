import { assert, assertEquals, assertRejects } from "@std/assert";
import fc from "fast-check";
import { UserError } from "../../../src/base/errors.ts";
import { lakehouseOver } from "../../../src/lakehouse/lakehouse.ts";
import { closesTable, PRICES_SCHEMA } from "../../../src/lakehouse/prices/prices_schema.ts";
import { planEviction } from "../../../src/lakehouse/store/cache_plan.ts";
import { CachedStore } from "../../../src/lakehouse/store/cached_store.ts";
import { DiskCache } from "../../../src/lakehouse/store/disk_cache.ts";
import { S3Store } from "../../../src/lakehouse/store/s3_store.ts";
import { withClient } from "../s3/servers.ts";
import { S3StandIn } from "../s3/stand_in.ts";

async function withFolder(use: (dir: string) => Promise<void>): Promise<void> {
  const dir = await Deno.makeTempDir();
  try {
    await use(`${dir}/cache`);
  } finally {
    await Deno.remove(dir, { recursive: true });
  }
}

const bytes = (length: number, value: number) => new Uint8Array(length).fill(value);

Deno.test("planEviction() frees what was used longest ago, and no more than it must", () => {
  const file = fc.record({
    path: fc.uuid(),
    sizeBytes: fc.integer({ min: 1, max: 100 }),
    usedMs: fc.integer({ min: 0, max: 1000 }),
  });
  fc.assert(fc.property(fc.array(file), fc.integer({ min: 0, max: 2000 }), (files, limit) => {
    const size = (some: readonly { sizeBytes: number }[]) =>
      some.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
    const evicted = planEviction(files, limit);
    const kept = files.filter((one) => !evicted.includes(one));
    assert(size(kept) <= limit);
    if (size(files) <= limit) assertEquals(evicted, []);
    else assert(size(kept) + evicted.at(-1)!.sizeBytes > limit * 0.9, "one fewer was not enough");
    for (const gone of evicted) assert(kept.every(({ usedMs }) => usedMs >= gone.usedMs));
  }));
});

Deno.test("DiskCache keeps to its limit, whoever writes into its folder", () =>
  withFolder(async (dir) => {
    const [one, two] = [new DiskCache(dir, 1000), new DiskCache(dir, 1000)];
    for (let i = 0; i < 30; i++) {
      await Promise.all([one.put(`a${i}`, bytes(80, i)), two.put(`b${i}`, bytes(80, i))]);
    }
    const sizes = [...Deno.readDirSync(dir)].map(({ name }) =>
      Deno.statSync(`${dir}/${name}`).size
    );
    assert(sizes.reduce((sum, size) => sum + size, 0) <= 1200, `${sizes}`);
    assertEquals(await two.get("a29"), bytes(80, 29));
    assertEquals(await one.get("a0"), undefined);
    await one.put("too big", bytes(2000, 1));
    assertEquals(await one.get("too big"), undefined);
  }));

Deno.test("DiskCache does not give what was damaged", () =>
  withFolder(async (dir) => {
    const cache = new DiskCache(dir, 1000);
    await cache.put("k", bytes(100, 7));
    const [{ name }] = [...Deno.readDirSync(dir)];
    const file = await Deno.readFile(`${dir}/${name}`);
    file[60] ^= 1;
    await Deno.writeFile(`${dir}/${name}`, file);
    assertEquals(await cache.get("k"), undefined);
    await cache.put("k", bytes(100, 8));
    assertEquals(await cache.get("k"), bytes(100, 8));
  }));

Deno.test("a lakehouse in S3 behind a cache reads each file once, and all that it has read when offline", () =>
  withFolder(async (dir) => {
    await using server = new S3StandIn();
    const place = { name: "", endpoint: server.endpoint, bucket: server.bucket, env: {} };
    await withClient(place, async (client) => {
      const remote = new S3Store(client, { bucket: server.bucket, prefix: "" });
      const table = (name: string) => ({
        name,
        schema: PRICES_SCHEMA,
        columns: closesTable(Float64Array.of(1, 2), Float64Array.of(3, 4)),
        mode: "replace" as const,
        sourceSha256: null,
      });
      await lakehouseOver(remote).writeTables([table("A"), table("B")]);
      const read = async (isOffline: boolean, name: string) => {
        const lake = lakehouseOver(
          new CachedStore(remote, new DiskCache(dir, 1e6), { isOffline }),
        );
        const entry = (await lake.list()).get(name)!;
        return await lake.readTable(entry, PRICES_SCHEMA);
      };
      assertEquals(await read(false, "A"), table("A").columns);
      server.requests.length = 0;
      assertEquals(await read(false, "A"), table("A").columns);
      assertEquals(server.requests.map(({ key }) => key), ["catalog.json"]);
      server.requests.length = 0;
      assertEquals(await read(true, "A"), table("A").columns);
      assertEquals(server.requests, []);
      await assertRejects(() => read(true, "B"), UserError, "we are offline, and it is not here");
    });
  }));
