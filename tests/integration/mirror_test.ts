import { assert, assertEquals, assertGreater, assertStringIncludes } from "@std/assert";
import { delay } from "@std/async/delay";
import { join } from "@std/path";
import { verifyLedger } from "../../src/ledger/mod.ts";
import { S3Store } from "../../src/lakehouse/store/s3_store.ts";
import { readIndex } from "../../src/production/mirror/run_index.ts";
import { testWithS3, VERSITYGW, withClient } from "../lakehouse/s3/servers.ts";
import {
  production,
  productionSummary,
  readSummary,
  RunningCommand,
  runsIn,
  startProduction,
  withFolder,
} from "./cli.ts";
import { US_LARGE_CAP, writeManifest } from "./manifest.ts";

/** Long enough to be stopped in the middle. */
const LONG = {
  data: { lookback_days: 1469, min_days_floor: 320 },
  backtest: { engines: ["clustered", "flat"] },
};

testWithS3(
  "a run that was killed is resumed on another machine from S3 alone, and comes to the same result",
  (server) =>
    withFolder(async (folder) => {
      const env = { ...server.env };
      const remote = `s3://${server.bucket}/team`;
      // The prices of the first machine are gone with it.
      const prices = join(folder, "first", "prices.parquet");
      await Deno.mkdir(join(folder, "first"));
      await Deno.copyFile(US_LARGE_CAP, prices);
      const manifest = await writeManifest(folder, { ...LONG, prices });
      const first = join(folder, "first", "out");
      const args = ["--manifest", manifest, "--out", first, "--run-id", "r", "--remote", remote];
      const running = startProduction(args, { env });
      await withClient(server, async (client) => {
        const store = new S3Store(client, { bucket: server.bucket, prefix: "team/" });
        await untilTrue("the remote has results", async () =>
          ((await readIndex(store, "r"))?.index.results.length ?? 0) > 0);
      });
      running.kill("SIGKILL");
      await running.result();
      await Deno.rename(join(folder, "first"), join(folder, "lost"));

      const second = join(folder, "second");
      const resumed = await productionSummary(
        ["--resume", "r", "--remote", remote, "--out", second],
        { env },
      );
      assertEquals(resumed.status, "completed");
      assertGreater(resumed.tasks.Cached ?? 0, 0, "what came with the run is not computed again");
      assert((await verifyLedger(join(second, "runs/r/audit.jsonl"))).ok);

      const undisturbed = await productionSummary([
        "--manifest",
        await writeManifest(folder, LONG),
        "--out",
        join(folder, "third"),
      ]);
      assertEquals(resumed.result_hash, undisturbed.result_hash);

      // Its head was anchored, and nobody can write it anew.
      const audit = ["verify", "r", "--out", second, "--anchor", `${remote}/anchors`];
      const verified = await new RunningCommand("audit", audit, { env }).result();
      assertStringIncludes(verified.stdout, `It agrees with ${remote}/anchors`);

      // A third machine opens what the second has completed.
      const fourth = join(folder, "fourth");
      const opened = await productionSummary(
        ["--resume", "r", "--remote", remote, "--out", fourth],
        { env },
      );
      assertEquals([opened.result_hash, opened.tasks.Completed ?? 0], [resumed.result_hash, 0]);
    }),
  [VERSITYGW],
);

/** Waits until a condition holds that has to be asked for. */
async function untilTrue(what: string, condition: () => Promise<boolean>): Promise<void> {
  const deadlineMs = performance.now() + 60_000;
  while (!await condition()) {
    if (performance.now() > deadlineMs) throw new Error(`Not within a minute: ${what}`);
    await delay(100);
  }
}

Deno.test("a remote that cannot be reached does not disturb a run; a later one sends it", () =>
  withFolder(async (folder) => {
    const manifest = await writeManifest(folder);
    const out = join(folder, "out");
    const remote = join(folder, "remote");
    // A file where the folder of the remote should be: nothing can be written into it.
    await Deno.writeTextFile(remote, "");
    const args = ["--manifest", manifest, "--out", out, "--remote", remote];
    const first = await production([...args, "--run-id", "a"]);
    assertEquals(first.code, 0, first.stderr);
    assertStringIncludes(first.stderr, "is sent later");
    assertStringIncludes(first.stderr, "a later run sends the rest");
    await Deno.remove(remote);
    const second = await production([...args, "--run-id", "b"]);
    assertStringIncludes(second.stderr, "Run a was sent to");
    assertEquals([...Deno.readDirSync(join(remote, "runs"))].map(({ name }) => name).sort(), [
      "a",
      "b",
    ]);
    assertEquals([...Deno.readDirSync(join(out, "mirror"))], []);
    const opened = await productionSummary([
      "--resume",
      "a",
      "--remote",
      remote,
      "--out",
      `${out}2`,
    ]);
    assertEquals(opened.result_hash, (await readSummary(out, "a")).result_hash);
    // Its prices came with it, although it was sent after its end.
    const brought = join(`${out}2`, "inputs", "a");
    assertEquals(opened.parameters.prices.startsWith(brought), true, opened.parameters.prices);
    assertEquals(await exists(opened.parameters.prices), true);
  }));

Deno.test("offline a run asks no remote; what it has to send is sent by a later run", () =>
  withFolder(async (folder) => {
    const remote = join(folder, "remote");
    const prices = join(folder, "prices.parquet");
    await Deno.copyFile(US_LARGE_CAP, prices);
    const storage = { remote, fsync: "every-write" };
    const out = join(folder, "out");
    const run = async (sections: Record<string, unknown>, ...flags: string[]) => {
      const manifest = await writeManifest(folder, { storage, ...sections });
      return await production(["--manifest", manifest, "--out", out, ...flags]);
    };
    assertEquals((await run({ prices }, "--run-id", "a", "--offline")).code, 0);
    assertEquals(await exists(remote), false);
    await Deno.remove(prices);
    const second = await run({}, "--run-id", "b");
    assertStringIncludes(
      second.stderr,
      "Run a is sent without its prices: Cannot read prices from",
    );
    assertStringIncludes(second.stderr, "Run a was sent to");
    assertEquals(await runsIn(out), ["a", "b"]);
  }));

async function exists(path: string): Promise<boolean> {
  return await Deno.stat(path).then(() => true, () => false);
}
