import { assertEquals, assertStringIncludes } from "@std/assert";
import { join } from "@std/path";
import { fetchPrices } from "../../src/lakehouse/fetch_prices.ts";
import { openLakehouse } from "../../src/lakehouse/lakehouse.ts";
import { readPrices } from "../../src/lakehouse/read_prices.ts";
import { production, productionSummary, withFolder } from "./cli.ts";
import { US_LARGE_CAP, writeManifest } from "./manifest.ts";

/** Every file of a folder with the time of its last change. */
function filesIn(folder: string): Record<string, number | undefined> {
  return Object.fromEntries(
    [...Deno.readDirSync(folder)].filter(({ name }) => name !== ".lock").flatMap((entry) => {
      const path = join(folder, entry.name);
      if (entry.isDirectory) return Object.entries(filesIn(path));
      return [[path, Deno.statSync(path).mtime?.getTime()]];
    }),
  );
}

Deno.test("production reads a lakehouse of one table a symbol, changes nothing in it, and gets what the price file gives", () =>
  withFolder(async (folder) => {
    const lake = join(folder, "lake");
    const prices = await readPrices(US_LARGE_CAP);
    await fetchPrices(openLakehouse(lake), prices, prices.panel.symbols);
    const before = filesIn(lake);

    const fromFile = await productionSummary([
      "--manifest",
      await writeManifest(folder),
      "--out",
      join(folder, "of_file"),
    ]);
    const manifest = await writeManifest(folder, { prices: "lake" });
    const out = join(folder, "of_lake");
    const fromLake = await productionSummary(["--manifest", manifest, "--out", out]);
    assertEquals(fromLake.result_hash, fromFile.result_hash);
    assertEquals(filesIn(lake), before);

    const other = await writeManifest(folder, { prices: "lake", data: { interval: "1h" } });
    const refused = await production(["--manifest", other, "--out", out]);
    assertEquals(refused.code, 2);
    assertStringIncludes(refused.stderr, "it has no 1h tables");
  }));
