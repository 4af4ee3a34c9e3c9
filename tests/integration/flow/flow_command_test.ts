import { assertEquals, assertStringIncludes } from "@std/assert";
import { fromFileUrl } from "@std/path";
import { FLOW } from "../../../src/cli/flow.ts";
import { runFamily } from "../../../src/cli/command_family.ts";
import { withFolder } from "../cli.ts";

const FLOWS = fromFileUrl(new URL("./sample_flows.ts", import.meta.url));
const PROGRAM = fromFileUrl(new URL("../../../src/cli/flow.ts", import.meta.url));

/** Runs a command in this process. */
async function type(...args: readonly string[]) {
  const out: string[] = [];
  const err: string[] = [];
  const code = await runFamily(FLOW, args, {
    out: (line) => void out.push(line),
    err: (line) => void err.push(line),
  });
  return { code, out: out.join("\n"), err: err.join("\n") };
}

Deno.test("a flow of a file is deployed, run by its name, listed and shown", async () => {
  await withFolder(async (out) => {
    const at = ["--out", out] as const;
    const deployed = await type(
      "deploy",
      "sums",
      `${FLOWS}#sumOfSquares`,
      "--params",
      '{"n":4}',
      ...at,
    );
    assertEquals([deployed.code, deployed.out], [0, "sums is flow sum-of-squares: when asked for"]);
    const run = await type("run", "sums", "--run-id", "a", "--workers", "1", ...at);
    assertEquals([run.code, run.out], [0, "14"]);
    const listed = JSON.parse((await type("ls", "--json", ...at)).out);
    assertEquals([listed.length, listed[0].runId, listed[0].state], [1, "a", "Completed"]);
    assertStringIncludes((await type("show", "a", ...at)).out, "squares: 4 rows of i, value");
    assertStringIncludes((await type("logs", "a", ...at)).out, "info squares up to 4");
    assertEquals((await type("cancel", "a", ...at)).code, 2);
    assertStringIncludes((await type("show", "b", ...at)).err, "The nearest one is a.");
    assertStringIncludes((await type("shwo")).err, "The nearest one is show");
  });
});

Deno.test("a run whose process was killed is Crashed, and retry does what is missing of it", async () => {
  await withFolder(async (out) => {
    const path = `${out}/done.txt`;
    await Deno.writeTextFile(`${path}.hang`, "");
    const params = JSON.stringify([path]);
    const child = new Deno.Command(Deno.execPath(), {
      args: ["run", "-A", "--quiet", "--no-check", PROGRAM, "run", `${FLOWS}#steps`]
        .concat("--params", params, "--run-id", "r", "--out", out),
      stdout: "null",
      stderr: "null",
    }).spawn();
    while (await Deno.readTextFile(path).catch(() => "") !== "1\n") {
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
    // The result of the first step is stored a moment after the step wrote its line.
    while (!(await type("show", "r", "--out", out)).out.includes("Completed")) {
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
    child.kill("SIGKILL");
    await child.status;
    await Deno.remove(`${path}.hang`);
    assertStringIncludes((await type("ls", "--out", out)).out, "Crashed");
    assertEquals((await type("retry", "r", "--out", out)).code, 0);
    assertEquals(await Deno.readTextFile(path), "1\n2\n");
  });
});

Deno.test("machines that share results compute each once: --share-results", async () => {
  await withFolder(async (folder) => {
    const shared = ["--share-results", `${folder}/shared`, "--workers", "1", "--json"];
    const runOn = async (machine: string) => {
      const params = ["--params", '{"n":3}', "--run-id", "a", "--out", `${folder}/${machine}`];
      const { out } = await type("run", `${FLOWS}#sumOfSquares`, ...params, ...shared);
      const { tasks } = JSON.parse(
        (await type("show", "a", "--json", "--out", `${folder}/${machine}`)).out,
      );
      return [JSON.parse(out).result, tasks.map(({ state }: { state: string }) => state)];
    };
    assertEquals(await runOn("laptop"), [5, ["Completed", "Completed", "Completed"]]);
    assertEquals(await runOn("server"), [5, ["Cached", "Cached", "Cached"]]);
  });
});

Deno.test("the schedule of a deployment is set, paused, resumed and taken off", async () => {
  await withFolder(async (out) => {
    const at = ["--out", out] as const;
    await type("deploy", "sums", `${FLOWS}#sumOfSquares`, "--params", '{"n":1}', ...at);
    const set = await type("schedule", "sums", "--cron", "30 6 * * 1-5", ...at);
    assertStringIncludes(set.out, "sums: 30 6 * * 1-5 UTC, catch-up skip, overlap skip; next 20");
    assertEquals((await type("pause", "sums", ...at)).out, "sums: its schedule is paused");
    assertStringIncludes((await type("ls", "--deployments", ...at)).out, "paused");
    assertEquals((await type("resume", "sums", ...at)).out, "sums: its schedule goes on");
    assertEquals((await type("schedule", "sums", "--off", ...at)).out, "sums: when asked for");
    const wrong = await type("schedule", "sums", "--cron", "61 6 * * *", ...at);
    assertEquals(wrong.code, 2);
    assertStringIncludes(wrong.err, "Cannot use the schedule");
    assertEquals((await type("undeploy", "sums", ...at)).out, "sums is taken away");
    assertEquals((await type("ls", "--deployments", ...at)).out, "none");
    assertEquals((await type("undeploy", "sums", ...at)).code, 2);
  });
});
