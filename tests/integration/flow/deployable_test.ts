import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { join } from "@std/path";
import { RunningCommand, withFolder } from "../cli.ts";
import { CommandCluster } from "../command_cluster.ts";
import { US_LARGE_CAP, writeManifest } from "../manifest.ts";
import { deploy, EVERY_MINUTE, flowCommand, miss, runsOf, until } from "./serving.ts";

Deno.test("the production flow is deployed by its name, and run by a schedule from start to report", async () => {
  await withFolder(async (out) => {
    const manifest = await writeManifest(out, { backtest: { profiles: ["equal_weight", "hrp"] } });
    const params = JSON.stringify({ manifest, workers: 1 });
    const schedule = [...EVERY_MINUTE, "--catch-up", "latest", "--overlap", "skip"];
    await deploy(out, "nightly", "production", "--params", params, ...schedule);
    miss(out, "nightly", 2);
    const server = new RunningCommand("flow", ["serve", "--workers", "1", "--out", out]);
    const run = await until(
      "the run of the schedule has ended",
      () => runsOf(out, "nightly").find(({ state }) => state === "Completed" || state === "Failed"),
    );
    // What is due meanwhile is cancelled with the server.
    server.kill("SIGTERM");
    const { code, stderr } = await server.result();
    assertEquals([code, run.state], [0, "Completed"], `${run.reason}\n${stderr}`);
    const folder = join(out, "runs", `${run.runId}-run`);
    const summary = JSON.parse(await Deno.readTextFile(join(folder, "run.json")));
    assertEquals(summary.status, "completed");
    assert((await Deno.stat(join(folder, "report.html"))).size > 0);
  });
});

Deno.test("a production flow that failed says what the command said", async () => {
  await withFolder(async (out) => {
    const params = '{"profile":"no-such-profile"}';
    const run = await flowCommand(out, "run", "production", "--params", params, "--run-id", "r");
    assertEquals(run.code, 1);
    assertStringIncludes(run.stderr, "it ended with 2: error[");
    assertStringIncludes(run.stderr, "no-such-profile");
  });
});

Deno.test("a meta flow is deployed, and a head runs it by its schedule on its own nodes, sleeves and all", async () => {
  await withFolder(async (folder) => {
    const out = join(folder, "out");
    const manifest = await writeTwoWays(folder);
    const schedule = [...EVERY_MINUTE, "--catch-up", "latest", "--overlap", "skip"];
    await deploy(out, "sleeves", "meta", "--params", JSON.stringify({ manifest }), ...schedule);
    miss(out, "sleeves", 2);
    const cluster = new CommandCluster(folder);
    await cluster.startHead("0", "--flows");
    await cluster.startWorker();
    try {
      const run = await until(
        "the run of the schedule has ended",
        () => runsOf(out, "sleeves").find(({ state }) => /Completed|Failed/.test(state)),
      );
      assertEquals(run.state, "Completed", run.reason);
      const report = await Deno.readTextFile(join(out, "runs", `${run.runId}-run`, "report.html"));
      assertStringIncludes(report, "Correlations of the sleeves");
      const token = (await Deno.readTextFile(cluster.address.token_file)).trim();
      const answer = await fetch(`${cluster.address.url}/api/v1/attempts?name=optimise-window`, {
        headers: { authorization: `Bearer ${token}` },
      });
      assert((await answer.json()).total > 0);
    } finally {
      // What is due meanwhile is cancelled with the head.
      await cluster.stop();
    }
  });
});

/** A portfolio of one profile's two candidates.
 * @returns the path of its manifest */
async function writeTwoWays(folder: string): Promise<string> {
  const stocks = {
    prices: US_LARGE_CAP,
    data: { lookback_days: 360, min_days_floor: 320 },
    backtest: { train: 120, test: 20, step: 20, profiles: ["equal_weight", "min_variance"] },
  };
  const sleeves = ["equal_weight", "min_variance"].map((profile) => ({
    id: profile.split("_")[0],
    profile: "stocks",
    candidate: { profile },
  }));
  const path = join(folder, "meta.jsonc");
  const manifest = {
    default_profile: "stocks",
    profiles: { stocks },
    default_meta_profile: "two_ways",
    meta_profiles: { two_ways: { meta: { train: 40, step: 20 }, sleeves } },
  };
  await Deno.writeTextFile(path, JSON.stringify(manifest));
  return path;
}
