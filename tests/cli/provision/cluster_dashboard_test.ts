import { assertEquals } from "@std/assert";
import { applyEvent, emptyState } from "../../../provision/planning/state.ts";
import { ClusterDashboard } from "../../../src/cli/provision/cluster_dashboard.ts";

Deno.test("the dashboard of a cluster tells what its machines cost, and nothing where no price is known", async () => {
  const state = emptyState();
  const head = () => ({ url: "http://127.0.0.1:1", tokenFile: "/none" });
  using dashboard = new ClusterDashboard(() => state, head);
  assertEquals(await dashboard.options.cost?.(), undefined);
  const launchedAtMs = Date.now();
  const machine = {
    machineId: "i-1",
    cluster: "c",
    launchId: "l",
    region: "eu",
    poolId: "m5",
    market: "spot",
    priceUsdPerHour: 0.25,
    state: "running",
    address: undefined,
    launchedAtMs,
    endReason: undefined,
  } as const;
  applyEvent(state, { type: "MachineFound", nodeId: "l-0", machine, atMs: launchedAtMs });
  const cost = await dashboard.options.cost?.();
  assertEquals([cost?.usdPerHour, cost?.machines], [0.25, 1]);
  assertEquals(cost?.usdSoFar !== undefined && cost.usdSoFar >= 0 && cost.usdSoFar < 0.25, true);
});
