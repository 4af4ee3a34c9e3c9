import { assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { join } from "@std/path";
import { FlowRuns } from "../../../src/cli/dashboard/flow_runs.ts";
import { flowStages } from "../../../src/cli/dashboard/flow_stages.ts";
import {
  approval,
  artifact,
  flow,
  FlowCancelledError,
  openFlowStore,
  runLog,
  task,
  type TaskRunRecord,
} from "../../../src/flow/mod.ts";
import { outputFolders } from "../../../src/production/run_folder.ts";

const square = task("square", (x: number) => {
  artifact.table("squares", [{ x, square: x * x }]);
  return { value: x * x };
}, { run: "local" });
const total = task("total", (parts: { value: number }[]) => {
  return parts.reduce((sum, { value }) => sum + value, 0);
}, { run: "local" });
const squares = flow("squares", async (n: number) => {
  runLog(`up to ${n}`);
  artifact.image("dot", "<svg xmlns='http://www.w3.org/2000/svg'/>", "image/svg+xml");
  return await total(await square.map(Array.from({ length: n }, (_, i) => i)));
});

async function withFolders(
  test: (folders: ReturnType<typeof outputFolders>) => Promise<void>,
): Promise<void> {
  const root = await Deno.makeTempDir();
  try {
    await test(outputFolders(root));
  } finally {
    await Deno.remove(root, { recursive: true });
  }
}

Deno.test("an output folder without a store has no runs, and has them once there is one", () =>
  withFolders(async (folders) => {
    using runs = new FlowRuns(folders);
    assertEquals(await runs.list(10), []);
    assertEquals(await runs.find("r"), undefined);
    using store = openFlowStore(folders.flowStore);
    await squares.run([3], { store, runId: "r" });
    const listed = (await runs.list(10)).map(({ runId, state }) => [runId, state]);
    assertEquals(listed, [["r", "Completed"]]);
  }));

Deno.test("a run is told with its stages, how they hang together, its log, artifacts and files", () =>
  withFolders(async (folders) => {
    using runs = new FlowRuns(folders);
    using store = openFlowStore(folders.flowStore);
    await squares.run([3], { store, runId: "r" });
    await Deno.mkdir(join(folders.runs, "r"), { recursive: true });
    await Deno.writeTextFile(join(folders.runs, "r", "report.html"), "<p>report</p>");
    const run = await runs.find("r");
    assertEquals(run?.stages.map(({ name, done, reads }) => [name, done, reads]), [
      ["square", 3, []],
      ["total", 1, ["square"]],
    ]);
    assertEquals(run?.lines.map(({ level, text }) => [level, text]), [["info", "up to 3"]]);
    assertEquals(run?.tasks, { done: 4, cached: 0, failed: 0, running: 0, waiting: 0 });
    const kinds = run?.artifacts.map(({ kind }) => kind) ?? [];
    assertEquals(kinds.toSorted(), ["image", "report", "table", "table", "table"]);
    const image = run?.artifacts.find(({ kind }) => kind === "image");
    const file = await runs.openFile("r", image?.key ?? "");
    assertEquals(file?.contentType, "image/svg+xml");
    assertStringIncludes(await new Response(file?.body).text(), "<svg");
    const report = await runs.openFile("r", "report.html");
    assertEquals(await new Response(report?.body).text(), "<p>report</p>");
  }));

Deno.test("no key and no run id leads out of a run's folder", () =>
  withFolders(async (folders) => {
    using runs = new FlowRuns(folders);
    await Deno.mkdir(join(folders.runs, "r"), { recursive: true });
    await Deno.writeTextFile(join(folders.root, "secret"), "x");
    for (const key of ["../../secret", "/etc/passwd", "reports/../../../secret", "", "run.json"]) {
      assertEquals(await runs.openFile("r", key), undefined, key);
    }
    assertEquals(await runs.openFile("../..", "secret"), undefined);
    assertEquals(await runs.ledger("../r"), undefined);
  }));

Deno.test("a request and an answer from the dashboard reach the process that runs the flow", () =>
  withFolders(async (folders) => {
    using store = openFlowStore(folders.flowStore);
    using runs = new FlowRuns(folders);
    const asks = flow("asks", async () => {
      await approval("trade");
      await approval("again");
    });
    const run = asks.run([], { store, runId: "r" });
    const asked = async (name: string) => {
      while (!(await runs.find("r"))?.approvals.some((approval) => approval.name === name)) {
        await new Promise((resolve) => setTimeout(resolve, 1));
      }
    };
    await asked("trade");
    await runs.decide("r", "trade", "approved");
    await assertRejects(
      async () => await runs.decide("r", "trade", "rejected"),
      Error,
      "it is approved",
    );
    await asked("again");
    await runs.request("r", "cancel");
    await assertRejects(() => run, FlowCancelledError, "asked for at the dashboard");
    assertEquals((await runs.find("r"))?.state, "Cancelled");
  }));

Deno.test({
  name: "a run whose process was killed shows as crashed, so that somebody can go on with it" +
    (Deno.build.os === "linux" ? "" : " (skipped: no /proc)"),
  ignore: Deno.build.os !== "linux",
  fn: () =>
    withFolders(async (folders) => {
      const program = `
        import { flow, openFlowStore } from "${new URL(
        "../../../src/flow/mod.ts",
        import.meta.url,
      )}";
        using store = openFlowStore(Deno.args[0]);
        await flow("stuck", async () => { console.log("runs"); await new Promise(() => setInterval(() => {}, 1e6)); })
          .run([], { store, runId: "r" });`;
      const script = join(folders.root, "stuck.ts");
      await Deno.writeTextFile(script, program);
      const process = new Deno.Command(Deno.execPath(), {
        args: [
          ...["run", "--quiet", "--no-check", "-A", "--config"],
          ...[new URL("../../../deno.json", import.meta.url).pathname, script, folders.flowStore],
        ],
        stdout: "piped",
      }).spawn();
      await process.stdout.getReader().read();
      using runs = new FlowRuns(folders);
      assertEquals((await runs.list(1))[0]?.state, "Running");
      process.kill("SIGKILL");
      await process.status;
      assertEquals((await runs.list(1))[0]?.state, "Crashed");
      const run = await runs.find("r");
      assertEquals([run?.state, run?.isEnded], ["Crashed", true]);
      assertStringIncludes(run?.error ?? "", "ended before it did");
    }),
});

Deno.test("flowStages() counts a cached task run as there, and knows no end while one is open", () => {
  const record = (seq: number, state: TaskRunRecord["state"]): TaskRunRecord => ({
    seq,
    execution: 1,
    taskName: "work",
    arguments: "",
    needs: [],
    cacheKey: null,
    clusterTask: null,
    state,
    reason: "",
    attempt: 1,
    createdAtMs: 1,
    startedAtMs: state === "Cached" ? null : 5,
    updatedAtMs: 3 + seq,
  });
  const [ended] = flowStages([record(1, "Cached"), record(2, "Completed"), record(3, "TimedOut")]);
  assertEquals([ended.done, ended.cached, ended.failed], [1, 1, 1]);
  assertEquals([ended.startedAtMs, ended.endedAtMs], [4, 6]);
  const [open] = flowStages([record(1, "Completed"), record(2, "Retrying")]);
  assertEquals([open.running, open.endedAtMs], [1, undefined]);
});

Deno.test("FlowRuns tells the first rows of a long table, and how many there are", () =>
  withFolders(async (folders) => {
    const long = flow("long", () => {
      artifact.table("rows", Array.from({ length: 1_000 }, (_, i) => ({ i })));
      return Promise.resolve();
    });
    {
      using store = openFlowStore(folders.flowStore);
      await long.run([], { store, runId: "r" });
    }
    using runs = new FlowRuns(folders);
    const table = (await runs.find("r"))?.artifacts[0];
    assertEquals([table?.rows?.length, table?.rowCount], [200, 1_000]);
  }));
