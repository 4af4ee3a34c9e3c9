import { assert, assertEquals } from "@std/assert";
import { UserError } from "../../../src/base/errors.ts";
import { numbersOf } from "../../../src/lakehouse/columns.ts";
import { lakehouseOver } from "../../../src/lakehouse/lakehouse.ts";
import { closesTable, PRICES_SCHEMA } from "../../../src/lakehouse/prices/prices_schema.ts";
import { CATALOG_KEY, decodeCatalog } from "../../../src/lakehouse/snapshots/catalog.ts";
import { decodeManifest } from "../../../src/lakehouse/snapshots/manifest.ts";
import type { ObjectStore } from "../../../src/lakehouse/store/object_store.ts";
import { Crash, type Faults, SimulatedStore } from "./simulated_store.ts";

const SEEDS = Number(Deno.env.get("TV_LAKE_SEEDS") ?? 40);
const FIRST_SEED = Number(Deno.env.get("TV_LAKE_SEED") ?? 1);
const WRITERS = 3, WRITES = 3;
const NO_FAULTS: Faults = { crash: 0, lostAnswer: 0, lostSwap: 0, failure: 0 };
const FAULTS: Faults = { crash: 0.01, lostAnswer: 0.03, lostSwap: 0.3, failure: 0.03 };
/** Removes what no version names at once: the commits under way have no grace. */
const RUTHLESS = { keepVersions: 3, keepMs: 0, graceMs: -1e9 };

/** Merges one row into a table that all writers share, and replaces another one by it. */
function write(store: SimulatedStore, through: ObjectStore, key: number): Promise<unknown> {
  const row = {
    schema: PRICES_SCHEMA,
    columns: closesTable(Float64Array.of(key), Float64Array.of(key + 1)),
    sourceSha256: null,
  };
  return lakehouseOver(through, store.clock).writeTables([
    { ...row, name: "SHARED", mode: "merge" },
    { ...row, name: "LAST", mode: "replace" },
  ]);
}

/** Every file that a version of the catalog names, those versions' manifests among them. */
function namedFiles({ objects }: SimulatedStore): Set<string> {
  const catalog = objects.get(CATALOG_KEY);
  const named = new Set<string>();
  if (catalog === undefined) return named;
  const { versions } = decodeCatalog(catalog.bytes, "sim");
  const commits = new Set(versions.map(({ commit }) => commit));
  assertEquals(commits.size, versions.length, "a commit took place twice");
  for (const { manifest, version } of versions) {
    const found = objects.get(manifest);
    assert(found !== undefined, `the manifest of version ${version} is gone`);
    named.add(manifest);
    for (const { parts } of decodeManifest(found.bytes, manifest).tables.values()) {
      for (const { file } of parts) named.add(file);
    }
  }
  return named;
}

function checkNothingIsGone(store: SimulatedStore): void {
  for (const file of namedFiles(store)) assert(store.objects.has(file), `${file} is gone`);
}

async function simulate(seed: number): Promise<void> {
  const store = new SimulatedStore(seed);
  const acknowledged = new Set<number>(), tried = new Set<number>();
  const ends: Promise<unknown>[] = [];
  for (let writer = 0; writer < WRITERS; writer++) {
    ends.push(store.start(`writer ${writer}`, FAULTS, async (through) => {
      for (let i = 0; i < WRITES; i++) {
        const key = writer * 100 + i;
        tried.add(key);
        try {
          await write(store, through, key);
          acknowledged.add(key);
        } catch (error) {
          if (error instanceof Crash || error instanceof UserError) throw error;
        }
      }
    }));
  }
  ends.push(store.start("collector", { ...NO_FAULTS, crash: 0.02 }, async (through) => {
    for (let i = 0; i < 3; i++) await lakehouseOver(through, store.clock).collect(RUTHLESS);
  }));
  ends.push(store.start("reader", NO_FAULTS, async (through) => {
    for (let i = 0; i < 4; i++) await readShared(through);
  }));
  await store.run(() => checkNothingIsGone(store));
  for (const end of await Promise.all(ends)) {
    if (end instanceof Error && !(end instanceof Crash)) throw end;
  }
  await checkEnd(store, acknowledged, tried);
}

/** The keys of the shared table; undefined when its version was dropped under the reader. */
async function readShared(through: ObjectStore): Promise<number[] | undefined> {
  const lake = lakehouseOver(through);
  const entry = (await lake.list()).get("SHARED");
  if (entry === undefined) return [];
  try {
    const columns = await lake.readTable(entry, PRICES_SCHEMA);
    assertEquals(
      numbersOf(columns, "close"),
      numbersOf(columns, "timestamp").map((key) => key + 1),
    );
    return [...numbersOf(columns, "timestamp")];
  } catch (error) {
    if (error instanceof UserError && error.message.endsWith("the file is gone")) return undefined;
    throw error;
  }
}

async function checkEnd(
  store: SimulatedStore,
  acknowledged: ReadonlySet<number>,
  tried: ReadonlySet<number>,
): Promise<void> {
  let keys: number[] | undefined;
  const end = store.start("end", NO_FAULTS, async (through) => {
    keys = await readShared(through);
    await lakehouseOver(through, store.clock).collect(RUTHLESS);
    assertEquals(await readShared(through), keys);
  });
  await store.run(() => checkNothingIsGone(store));
  const failure = await end;
  if (failure instanceof Error) throw failure;
  const found = new Set(keys);
  for (const key of acknowledged) assert(found.has(key), `the commit of ${key} was lost`);
  for (const key of found) assert(tried.has(key), `nobody wrote ${key}`);
  const left = [...store.objects.keys()].filter((key) => key !== CATALOG_KEY).sort();
  assertEquals(
    left,
    [...namedFiles(store)].sort(),
    "a collection leaves what versions name, no more",
  );
}

Deno.test(`commits of ${WRITERS} writers, a ruthless collector and a reader lose nothing, whoever crashes when`, async () => {
  for (let seed = FIRST_SEED; seed < FIRST_SEED + SEEDS; seed++) {
    try {
      await simulate(seed);
    } catch (cause) {
      throw new Error(`TV_LAKE_SEED=${seed} TV_LAKE_SEEDS=1 shows it again`, { cause });
    }
  }
});
