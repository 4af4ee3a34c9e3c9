import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { fromFileUrl, join } from "@std/path";
import { openRunViews, verifyWebhook } from "../../../mod.ts";
import { RunningCommand, withFolder } from "../cli.ts";
import { CommandCluster } from "../command_cluster.ts";
import { deploy, EVERY_MINUTE, flowCommand, miss, runsOf, until } from "./serving.ts";

const FLOWS = fromFileUrl(new URL("./sample_flows.ts", import.meta.url));

function readIfThere(path: string): string {
  try {
    return Deno.readTextFileSync(path);
  } catch {
    return "";
  }
}

Deno.test("flow serve makes up for missed times, one run each, leaves out overlapping ones, and tells by signed webhook and command", async () => {
  await withFolder(async (out) => {
    const bodies: string[] = [];
    await using receiver = Deno.serve(
      { port: 0, hostname: "127.0.0.1", onListen: () => {} },
      async (request) => {
        const body = await request.text();
        const header = request.headers.get("tradewind-signature") ?? "";
        if (!verifyWebhook(body, header, "s3cret", Date.now())) {
          return new Response(null, { status: 401 });
        }
        bodies.push(body);
        return new Response(null, { status: 204 });
      },
    );
    const [done, slow, told] = ["done.txt", "slow.txt", "told.txt"].map((name) => join(out, name));
    await Deno.writeTextFile(`${slow}.hang`, "");
    const queue = [...EVERY_MINUTE, "--catch-up", "all", "--overlap", "queue"];
    const skip = [...EVERY_MINUTE, "--catch-up", "all", "--overlap", "skip"];
    await deploy(out, "queued", `${FLOWS}#steps`, "--params", JSON.stringify(done), ...queue);
    await deploy(out, "skipped", `${FLOWS}#steps`, "--params", JSON.stringify(slow), ...skip);
    const url = `http://127.0.0.1:${receiver.addr.port}/`;
    const hook = ["--url", url, "--secret-env", "TEST_WEBHOOK_SECRET", "--states", "Completed"];
    assertEquals((await flowCommand(out, "notify", "hook", ...hook)).code, 0);
    const program = JSON.stringify(["sh", "-c", `cat >> ${told}; echo >> ${told}`]);
    const command = ["--command", program, "--states", "Completed,Cancelled"];
    assertEquals((await flowCommand(out, "notify", "command", ...command)).code, 0);
    miss(out, "queued", 3);
    miss(out, "skipped", 3);

    const server = new RunningCommand("flow", ["serve", "--workers", "1", "--out", out]);
    try {
      const completed = await until("three runs that were missed", () => {
        const runs = runsOf(out, "queued").filter(({ state }) => state === "Completed");
        return runs.length >= 3 ? runs : undefined;
      });
      assertEquals(new Set(completed.map(({ runId }) => runId)).size, completed.length);
      // Its task is cached for the same arguments: each run goes through its states all the same.
      assertEquals(readIfThere(done), "1\n2\n");
      await until("the open run is at work", () => readIfThere(slow) === "1\n" || undefined);
      const skipped = runsOf(out, "skipped");
      assertEquals(skipped.length, 1, JSON.stringify(skipped));
      const cancelled = await flowCommand(out, "cancel", skipped[0]!.runId, "--reason", "too slow");
      assertEquals(cancelled.code, 0, cancelled.stderr);
      const tellsOf = (text: string, runId: string, state: string) =>
        text.split("\n").some((line) => line.includes(runId) && line.includes(`"to":"${state}"`));
      await until("all notices", () => {
        const all = completed.every(({ runId }) =>
          tellsOf(bodies.join("\n"), runId, "Completed") &&
          tellsOf(readIfThere(told), runId, "Completed")
        );
        return all && tellsOf(readIfThere(told), skipped[0]!.runId, "Cancelled") || undefined;
      });
      assert(!bodies.join().includes("Cancelled"));
    } finally {
      server.kill("SIGTERM");
      const { code, stderr } = await server.result();
      assertEquals(code, 0, stderr);
      assertStringIncludes(stderr, "times left out");
    }
  });
});

Deno.test("cancel --force ends a run that takes notice of nothing", async () => {
  await withFolder(async (out) => {
    const block = join(out, "block");
    await Deno.writeTextFile(block, "");
    const running = new RunningCommand("flow", [
      ...["run", `${FLOWS}#deaf`, "--params", JSON.stringify(block), "--run-id", "r"],
      ...["--out", out],
    ]);
    await until("it blocks", () => readIfThere(`${block}.begun`) === "1\n" || undefined);
    const asked = await flowCommand(out, "cancel", "r", "--grace", "1s");
    assertEquals(asked.code, 1, asked.stdout);
    const forced = await flowCommand(out, "cancel", "r", "--grace", "1s", "--force");
    assertEquals(forced.code, 0, forced.stderr);
    assert((await running.result()).code !== 0);
    using reader = openRunViews(join(out, "flow.db"));
    assertEquals(reader.views.find("r")!.state, "Cancelled");
  });
});

Deno.test("a head runs schedules with itself as their cluster", async () => {
  await withFolder(async (folder) => {
    const out = join(folder, "out");
    await deploy(
      out,
      "squares",
      `${FLOWS}#sumOfSquares`,
      ...["--params", '{"n":3}', ...EVERY_MINUTE, "--catch-up", "latest"],
    );
    miss(out, "squares", 2);
    const cluster = new CommandCluster(folder);
    await cluster.startHead("0", "--flows");
    await cluster.startWorker();
    const run = await until("the run of the schedule", () => {
      const [last] = runsOf(out, "squares");
      return last?.state === "Completed" ? last : undefined;
    }).finally(() => cluster.stop());
    using reader = openRunViews(join(out, "flow.db"));
    const tasks = reader.views.taskRuns(run.runId);
    assertEquals(tasks.map(({ clusterTask }) => clusterTask !== null), [true, true, true]);
    const listed = await flowCommand(out, "ls", "--deployments");
    assertStringIncludes(listed.stdout, "next ");
  });
});
