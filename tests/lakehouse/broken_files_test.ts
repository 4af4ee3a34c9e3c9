import { assert, assertEquals } from "@std/assert";
import { createRng } from "../../src/base/rng.ts";
import { UserError } from "../../src/base/errors.ts";
import type { Column } from "../../src/lakehouse/columns.ts";
import { lakehouseOver, openLakehouse } from "../../src/lakehouse/lakehouse.ts";
import { decodeParquet, encodeParquet } from "../../src/lakehouse/parquet/parquet_codec.ts";
import { closesTable, PRICES_SCHEMA } from "../../src/lakehouse/prices/prices_schema.ts";
import { readPrices } from "../../src/lakehouse/price_files/read_prices.ts";
import { decodeCatalog } from "../../src/lakehouse/snapshots/catalog.ts";
import { decodeManifest } from "../../src/lakehouse/snapshots/manifest.ts";
import { verifyLakehouse } from "../../src/lakehouse/verify_lakehouse.ts";

const CASES = 60;

/** Bytes with something wrong: some flipped, a piece cut out, the end cut off, or a piece doubled. */
function broken(bytes: Uint8Array, seed: number): Uint8Array {
  const rng = createRng(seed);
  const at = rng.below(bytes.length), length = 1 + rng.below(64);
  switch (rng.below(4)) {
    case 0: {
      // A copy also of a Buffer, whose slices are views.
      const flipped = new Uint8Array(bytes);
      for (let i = 0; i <= rng.below(8); i++) flipped[rng.below(bytes.length)] ^= 1 << rng.below(8);
      return flipped;
    }
    case 1:
      return Uint8Array.from([...bytes.subarray(0, at), ...bytes.subarray(at + length)]);
    case 2:
      return bytes.slice(0, at);
    default:
      return Uint8Array.from([...bytes.subarray(0, at + length), ...bytes.subarray(at)]);
  }
}

/** Whatever is wrong is told as something that the user can mend. */
async function survives(read: () => Promise<unknown> | unknown, seed: number): Promise<boolean> {
  try {
    await read();
    return true;
  } catch (error) {
    assert(error instanceof UserError, `seed ${seed}: ${error}`);
    assert(error.message.startsWith("Cannot "), error.message);
    return false;
  }
}

const COLUMNS: Column[] = [
  { name: "date", dtype: "date", values: Float64Array.from({ length: 40 }, (_, i) => i * 86_400) },
  {
    name: "A",
    dtype: "f64",
    values: Float64Array.from({ length: 40 }, (_, i) => 1 + Math.sin(i) ** 2),
  },
  {
    name: "text",
    dtype: "utf8",
    values: Array.from({ length: 40 }, (_, i) => i % 3 ? `t${i}` : null),
  },
];

Deno.test("Parquet that is broken anywhere is read or refused, and breaks nothing", async () => {
  const bytes = await encodeParquet(COLUMNS);
  let refused = 0;
  for (let seed = 1; seed <= CASES; seed++) {
    if (!await survives(() => decodeParquet(broken(bytes, seed), "x.parquet"), seed)) refused++;
  }
  assert(refused > CASES / 3, `only ${refused} were refused`);
});

Deno.test("price files that are broken anywhere are read or refused with their name", async () => {
  const dir = await Deno.makeTempDir();
  try {
    const rows = Array.from(
      { length: 40 },
      (_, i) => `2020-01-${String(i % 28 + 1)},${i + 1},2.5e0`,
    );
    const csv = new TextEncoder().encode(`date,"A",B\n${rows.slice(0, 28).join("\r\n")}\n`);
    const parquet = await encodeParquet(COLUMNS.slice(0, 2));
    for (let seed = 1; seed <= CASES; seed++) {
      const path = `${dir}/prices.${seed % 2 ? "csv" : "parquet"}`;
      await Deno.writeFile(path, broken(seed % 2 ? csv : parquet, seed));
      await survives(() => readPrices(path), seed);
    }
  } finally {
    await Deno.remove(dir, { recursive: true });
  }
});

Deno.test("catalogs and manifests that are broken anywhere are read or refused, and name no file outside", async () => {
  const dir = await Deno.makeTempDir();
  try {
    const lake = openLakehouse(dir);
    const columns = closesTable(Float64Array.of(1, 2), Float64Array.of(3, 4));
    await lake.writeTables([
      { name: "T", schema: PRICES_SCHEMA, columns, mode: "replace", sourceSha256: null },
    ]);
    const catalog = await Deno.readFile(`${dir}/catalog.json`);
    const [{ manifest }] = await lake.history();
    const manifestBytes = await Deno.readFile(`${dir}/${manifest}`);
    for (let seed = 1; seed <= CASES; seed++) {
      await survives(() => {
        for (const entry of decodeCatalog(broken(catalog, seed), "c").versions) {
          assert(/^versions\/[\w.~-]+$/.test(entry.manifest));
        }
      }, seed);
      await survives(() => {
        for (const { parts } of decodeManifest(broken(manifestBytes, seed), "m").tables.values()) {
          assert(parts.every(({ file }) => /^tables\/[\w.~-]+\/[\w.~-]+$/.test(file)));
        }
      }, seed);
    }
  } finally {
    await Deno.remove(dir, { recursive: true });
  }
});

Deno.test("a part that is broken anywhere is found by its hash, and verify names it", async () => {
  const dir = await Deno.makeTempDir();
  try {
    const lake = openLakehouse(dir);
    const times = Float64Array.from({ length: 300 }, (_, i) => i);
    const [entry] = await lake.writeTables([{
      name: "T",
      schema: PRICES_SCHEMA,
      columns: closesTable(times, times.map((time) => time + 1)),
      mode: "replace",
      sourceSha256: null,
    }]);
    const path = `${dir}/${entry.parts[0].file}`;
    const whole = await Deno.readFile(path);
    for (let seed = 1; seed <= 20; seed++) {
      const bytes = broken(whole, seed);
      await Deno.writeFile(path, bytes);
      const same = bytes.length === whole.length && bytes.every((byte, i) => byte === whole[i]);
      assertEquals(await survives(() => lake.readTable(entry, PRICES_SCHEMA), seed), same);
      const { problems } = await verifyLakehouse(lake.store, () => {});
      assertEquals(problems.length, same ? 0 : 1);
      assert(same || problems[0].includes(entry.parts[0].file));
    }
    await Deno.remove(path);
    assertEquals(await survives(() => lake.readTable(entry, PRICES_SCHEMA), 0), false);
  } finally {
    await Deno.remove(dir, { recursive: true });
  }
});

Deno.test("hostile names of tables write nothing, inside or outside of the lake", async () => {
  const dir = await Deno.makeTempDir();
  try {
    const lake = lakehouseOver(openLakehouse(`${dir}/lake`).store);
    const columns = closesTable(Float64Array.of(1), Float64Array.of(3));
    const names = [
      "../x",
      "a/b",
      "/etc/x",
      "..",
      ".",
      "",
      ".hidden",
      "a..b",
      "x".repeat(300),
      "a\0b",
      "a\nb",
      "é",
    ];
    for (const name of [...names, "C:\\x", "a b", "%2e%2e", "-rf"]) {
      const write = () =>
        lake.writeTables([
          { name, schema: PRICES_SCHEMA, columns, mode: "replace", sourceSha256: null },
        ]);
      assertEquals(await survives(write, 0), false, name);
    }
    assertEquals([...Deno.readDirSync(dir)], []);
  } finally {
    await Deno.remove(dir, { recursive: true });
  }
});
