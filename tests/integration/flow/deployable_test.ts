import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { join } from "@std/path";
import { RunningCommand, withFolder } from "../cli.ts";
import { writeManifest } from "../manifest.ts";
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
