import { assertEquals, assertRejects } from "@std/assert";
import { join } from "@std/path";
import { FlowDeployments } from "../../../src/cli/dashboard/flow_deployments.ts";
import { openFlowStore } from "../../../src/flow/mod.ts";
import { withFolder } from "../../integration/cli.ts";

const HOUR_MS = 3_600_000;

function deploy(path: string, name: string, hasSchedule: boolean): void {
  using store = openFlowStore(path);
  const rule = { type: "interval", everyMs: HOUR_MS, anchorMs: 0 } as const;
  store.deployments.put({
    name,
    module: "file:///flows.ts",
    exportName: "f",
    flowName: "f",
    arguments: "[7]",
    schedule: hasSchedule ? { rule, catchUp: "skip", overlap: "queue" } : null,
    isPaused: false,
    plannedUntilMs: Date.now(),
  });
}

Deno.test("FlowDeployments tells when each deployment runs next, and what became of its last run", () =>
  withFolder(async (folder) => {
    const path = join(folder, "flow.db");
    const started: string[] = [];
    using deployments = new FlowDeployments(path, false, (runId) => started.push(runId));
    assertEquals(await deployments.list(), []);
    deploy(path, "hourly", true);
    deploy(path, "once", false);
    const [hourly, once] = await deployments.list();
    assertEquals([hourly.state, hourly.schedule], [
      "on",
      "every 3600 s, catch-up skip, overlap queue",
    ]);
    assertEquals((hourly.nextAtMs ?? 1) % HOUR_MS, 0);
    assertEquals([once.state, once.nextAtMs, once.lastRun], ["by hand", undefined, undefined]);
    await deployments.hold("hourly", true);
    const [paused] = await deployments.list();
    assertEquals([paused.state, paused.nextAtMs], ["paused", undefined]);
    const runId = await deployments.run("once");
    assertEquals(started, [runId]);
    const [, asked] = await deployments.list();
    assertEquals([asked.openRuns, asked.lastRun?.runId, asked.lastRun?.state], [
      1,
      runId,
      "Scheduled",
    ]);
    await assertRejects(() => deployments.run("never"), Error, "Cannot find the deployment never");
  }));

Deno.test("FlowDeployments leaves the start of a run to the server of the store, where there is one", () =>
  withFolder(async (folder) => {
    const path = join(folder, "flow.db");
    deploy(path, "once", false);
    const started: string[] = [];
    using deployments = new FlowDeployments(path, true, (runId) => started.push(runId));
    await deployments.run("once");
    assertEquals(started, []);
  }));
