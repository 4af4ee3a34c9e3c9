import { assertEquals, assertNotEquals, assertStringIncludes } from "@std/assert";
import { delay } from "@std/async/delay";

import { join } from "@std/path";
import { isThere } from "../../src/base/if_there.ts";
import { fetchPrices } from "../../src/lakehouse/prices/fetch_prices.ts";
import { lakehouseOver, openLakehouse } from "../../src/lakehouse/lakehouse.ts";
import { readPrices } from "../../src/lakehouse/price_files/read_prices.ts";
import { S3Store } from "../../src/lakehouse/store/s3_store.ts";
import { outputFolders, RunFolder } from "../../src/production/run_folder.ts";
import { testWithS3, VERSITYGW, withClient } from "../lakehouse/s3/servers.ts";
import {
  production,
  productionSummary,
  RunningCommand,
  startProduction,
  withFolder,
} from "./cli.ts";
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

testWithS3(
  "production takes its prices from a lakehouse in S3, and offline from what the cache has of it",
  (server) =>
    withFolder((folder) =>
      withClient(server, async (client) => {
        const store = new S3Store(client, { bucket: server.bucket, prefix: "lake/" });
        const prices = await readPrices(US_LARGE_CAP);
        await fetchPrices(lakehouseOver(store), prices, prices.panel.symbols);
        const before = await Array.fromAsync(store.list(""));

        const manifest = await writeManifest(folder);
        const env = { ...server.env, XDG_CACHE_HOME: join(folder, "cache") };
        const lake = ["--prices", `s3://${server.bucket}/lake`];
        const argsOf = (out: string) => ["--manifest", manifest, "--out", join(folder, out)];
        const unseen = await production([...argsOf("unseen"), ...lake, "--offline"], { env });
        assertEquals(unseen.code, 2, unseen.stderr);
        assertStringIncludes(unseen.stderr, "we are offline, and it is not here");

        const fromFile = await productionSummary(argsOf("of_file"));
        const fromS3 = await productionSummary([...argsOf("of_s3"), ...lake], { env });
        assertEquals(fromS3.result_hash, fromFile.result_hash);
        assertEquals(await Array.fromAsync(store.list("")), before);

        const nobody = { ...env, AWS_ENDPOINT_URL_S3: "http://127.0.0.1:9" };
        const offline = await productionSummary(
          [...argsOf("offline"), ...lake, "--offline"],
          { env: nobody },
        );
        assertEquals(offline.result_hash, fromFile.result_hash);
      })
    ),
  [VERSITYGW],
);

Deno.test("a run reads one version of a lakehouse to its end and when it is resumed or replayed, whatever is committed meanwhile", () =>
  withFolder(async (folder) => {
    const prices = await readPrices(US_LARGE_CAP);
    const { symbols } = prices.panel;
    const lake = openLakehouse(join(folder, "lake"));
    await fetchPrices(lake, prices, symbols);
    const manifest = await writeManifest(folder, {
      prices: "lake",
      data: { lookback_days: 330, min_days_floor: 320 },
    });
    const out = join(folder, "out");
    const first = await productionSummary(["--manifest", manifest, "--out", out, "--run-id", "r"]);
    assertEquals(first.prices.version, 1);
    // Of another output folder, so that nothing of it is in the cache.
    const stopped = join(folder, "stopped");
    const running = startProduction(["--manifest", manifest, "--out", stopped, "--run-id", "r"]);
    while (!isThere(new RunFolder(outputFolders(stopped), "r").lakehouseVersion)) {
      await delay(10);
    }
    running.kill("SIGKILL");
    await running.result();

    const doubled = prices.panel.values.map((value, i) => value * (1 + i % 7));
    const changed = {
      ...prices,
      panel: { ...prices.panel, values: doubled },
      sha256: "f".repeat(64),
    };
    await fetchPrices(lake, changed, symbols);
    const resumed = await productionSummary(["--resume", "r", "--out", stopped]);
    assertEquals(resumed.prices, first.prices);
    assertEquals(resumed.result_hash, first.result_hash);
    const replay = await new RunningCommand("audit", [
      "replay",
      "r",
      "--out",
      out,
      "--step",
      "audit",
    ])
      .result();
    assertEquals(replay.code, 0, replay.stderr);
    const anew = await productionSummary(["--manifest", manifest, "--out", out, "--run-id", "s"]);
    assertEquals(anew.prices.version, 2);
    assertNotEquals(anew.result_hash, first.result_hash);

    const ofDefault = { keepVersions: 1, keepMs: 3_600_000, graceMs: 0 };
    assertEquals((await lake.collect(ofDefault)).dropped, [], "a run of the last hour may need it");
    assertEquals((await lake.collect({ ...ofDefault, keepMs: 0 })).dropped, [1]);
    const refused = await new RunningCommand("audit", [
      "replay",
      "r",
      "--out",
      out,
      "--step",
      "audit",
    ]).result();
    assertEquals(refused.code, 2);
    assertStringIncludes(
      refused.stderr,
      "Cannot read version 1 of the lakehouse " + lake.dir +
        ", which the run began with: it was collected",
    );
    assertStringIncludes(refused.stderr, "--keep-days");
  }));
