import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { join } from "@std/path";
import { openLakehouse } from "../../src/lakehouse/lakehouse.ts";
import { verifyLakehouse } from "../../src/lakehouse/verify_lakehouse.ts";
import { testWithS3 } from "../lakehouse/s3/servers.ts";
import { RunningCommand, withFolder } from "./cli.ts";

const SYMBOLS = 12, POLL_MS = 2;

/** A file of prices, a symbol a column, that a seed makes different. */
async function writePrices(path: string, seed: number): Promise<void> {
  const symbols = Array.from({ length: SYMBOLS }, (_, j) => `S${j}`);
  const rows = Array.from({ length: 50 }, (_, i) => {
    const date = new Date(Date.UTC(2020, 0, 1 + i)).toISOString().slice(0, 10);
    return [date, ...symbols.map((_, j) => (100 + i * (seed + 1) + j).toString())].join(",");
  });
  await Deno.writeTextFile(path, `${["date", ...symbols].join(",")}\n${rows.join("\n")}\n`);
}

async function countFiles(folder: string): Promise<number> {
  return (await Array.fromAsync(openLakehouse(folder).store.list("tables/"))).length;
}

Deno.test("an import killed at any point leaves the version before, or the whole of the next", () =>
  withFolder(async (folder) => {
    const lake = join(folder, "lake"), prices = join(folder, "prices.csv");
    const start = () => new RunningCommand("lakehouse", ["import", prices, "--lakehouse", lake]);
    await writePrices(prices, 0);
    assertEquals((await start().result()).code, 0);
    let killed = 0;
    for (let round = 1; round <= 6; round++) {
      await writePrices(prices, round);
      const before = await countFiles(lake);
      const versions = (await openLakehouse(lake).history()).length;
      const command = start();
      let isOver = false;
      const end = command.result().finally(() => isOver = true);
      // The kill point: so many files of the next version are there.
      while (!isOver && await countFiles(lake) < before + round * 2 - 1) {
        await new Promise((resolve) => setTimeout(resolve, POLL_MS));
      }
      if (!isOver) command.kill("SIGKILL");
      if ((await end).code !== 0) killed++;
      const verdict = await verifyLakehouse(openLakehouse(lake).store, () => {});
      assertEquals(verdict.problems, []);
      const now = await openLakehouse(lake).list();
      assertEquals(now.size, SYMBOLS);
      const sources = new Set([...now.values()].map(({ sourceSha256 }) => sourceSha256));
      assertEquals(sources.size, 1, "all tables are of one import");
      assert([versions, versions + 1].includes((await openLakehouse(lake).history()).length));
    }
    assert(killed > 0, "no import was killed before its end");
    assertEquals((await start().result()).code, 0);
    const collected = await openLakehouse(lake).collect({
      keepVersions: 1,
      keepMs: 0,
      graceMs: -60_000,
    });
    assert(collected.removed.length > 0);
    assertEquals(await countFiles(lake), SYMBOLS);
  }));

testWithS3(
  "lakehouse sync brings tables to S3 and to another machine, which reads them offline",
  (server) =>
    withFolder(async (folder) => {
      const prices = join(folder, "prices.csv"), url = `s3://${server.bucket}/lake`;
      const run = async (...args: string[]) => {
        const { code, stdout, stderr } = await new RunningCommand("lakehouse", args, {
          env: { ...server.env },
        }).result();
        assertEquals(code, 0, stderr);
        return stdout;
      };
      await writePrices(prices, 0);
      await run("import", prices, "--lakehouse", join(folder, "one"));
      assertStringIncludes(await run("sync", join(folder, "one"), url), `${SYMBOLS} tables`);
      const there = ["--lakehouse", url, "--cache", join(folder, "cache")];
      assertStringIncludes(await run("ls", ...there), "version 1, 12 tables");
      const row = await run("head", "LOCAL_S3_1d", ...there);
      assertEquals(await run("head", "LOCAL_S3_1d", "--offline", ...there), row);
      assertStringIncludes(await run("verify", ...there), "all is whole");
      assertStringIncludes(await run("sync", url, join(folder, "two")), "at version 1");
      assertEquals(await run("head", "LOCAL_S3_1d", "--lakehouse", join(folder, "two")), row);
      // Written in S3 itself, then brought back.
      await writePrices(prices, 1);
      await run("import", prices, "--lakehouse", url, "--cache", join(folder, "cache"));
      assertStringIncludes(await run("sync", url, join(folder, "two")), "at version 2");
    }),
);
