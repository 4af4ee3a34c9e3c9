import { assertEquals } from "@std/assert";
import { join } from "@std/path";
import { startEmbeddedCluster } from "../../cluster/client/mod.ts";
import { fetchPrices } from "../../src/lakehouse/prices/fetch_prices.ts";
import { openLakehouse } from "../../src/lakehouse/lakehouse.ts";
import { readPanel } from "../../src/lakehouse/prices/read_panel.ts";
import { readPrices } from "../../src/lakehouse/price_files/read_prices.ts";
import { outputFolders } from "../../src/production/run_folder.ts";
import { withFolder } from "./cli.ts";
import { US_LARGE_CAP } from "./manifest.ts";

function filesIn(folder: string, prefix = ""): string[] {
  return [...Deno.readDirSync(join(folder, prefix))].flatMap(({ name, isDirectory }) =>
    isDirectory ? filesIn(folder, `${prefix}${name}/`) : [`${prefix}${name}`]
  ).sort();
}

Deno.test("a task reads the lakehouse and can change nothing in it, whatever it tries", () =>
  withFolder(async (root) => {
    const folders = outputFolders(root);
    const lake = openLakehouse(folders.lakehouse);
    const prices = await readPrices(US_LARGE_CAP);
    await fetchPrices(lake, prices, prices.panel.symbols);
    const files = filesIn(folders.lakehouse);
    // The executors of a run may write its store, as those of `production` may.
    await using cluster = await startEmbeddedCluster({
      workers: 1,
      logDir: join(root, "logs"),
      writableDirs: [folders.store],
    });
    const module = new URL("./lake_tasks.ts", import.meta.url).href;
    const file = files.find((name) => name.endsWith(".parquet"))!;
    const outcomes = await cluster.client.submit<Record<string, string>>(
      { module, exportName: "tamper" },
      [folders.lakehouse, file],
    ).result;
    const { read, ...changes } = outcomes;
    assertEquals(read, "done");
    assertEquals(new Set(Object.values(changes)), new Set(["NotCapable"]));
    assertEquals(filesIn(folders.lakehouse), files);
    assertEquals(await readPanel(lake, prices.panel.symbols), prices.panel);
  }));
