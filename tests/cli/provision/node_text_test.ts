import { assertAlmostEquals, assertEquals } from "@std/assert";
import type { JournalEventBody } from "../../../provision/planning/events.ts";
import { applyEvent, type ClusterState, emptyState } from "../../../provision/planning/state.ts";
import { nodesText, priceOf, spentUsd } from "../../../src/cli/provision/node_text.ts";

const HOUR_MS = 3_600_000;

function launched(state: ClusterState, nodeId: string, atHours: number, price: number): void {
  const machine = {
    machineId: `i-${nodeId}`,
    cluster: "c",
    launchId: "l",
    region: "eu",
    poolId: "m5",
    market: "spot",
    priceUsdPerHour: price,
    state: "running",
    address: undefined,
    launchedAtMs: atHours * HOUR_MS,
    endReason: undefined,
  } as const;
  happen(state, atHours, { type: "MachineFound", nodeId, machine });
}

function happen(state: ClusterState, atHours: number, event: JournalEventBody): void {
  applyEvent(state, { ...event, atMs: atHours * HOUR_MS });
}

Deno.test("spentUsd() counts each machine from its launch to its end, those that are gone too", () => {
  const state = emptyState();
  launched(state, "a", 0, 0.5);
  launched(state, "b", 1, 2);
  happen(state, 3, { type: "NodeMoved", nodeId: "a", phase: "gone", reason: "ended" });
  // a: 3 h at 0.50, b: 4 h at 2.00.
  assertAlmostEquals(spentUsd(state, 5 * HOUR_MS), 9.5, 1e-12);
  assertEquals(priceOf(state), 2);
  const lines = nodesText(state, 5 * HOUR_MS);
  assertEquals(lines.at(-1), "Price    2.000 $/h, 9.50 $ so far");
});

Deno.test("spentUsd() of machines of one's own is nothing, and no price is shown", () => {
  const state = emptyState();
  launched(state, "a", 0, 0);
  assertEquals(spentUsd(state, HOUR_MS), 0);
  assertEquals(nodesText(state, HOUR_MS).some((line) => line.startsWith("Price")), false);
});
