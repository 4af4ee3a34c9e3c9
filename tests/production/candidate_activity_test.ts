import { assertAlmostEquals, assertEquals } from "@std/assert";
import { candidateActivity } from "../../src/production/tasks/candidate_activity.ts";
import {
  attributionReport,
  tradingReport,
} from "../../src/production/report_parts/activity_reports.ts";
import { simulateVectorized } from "../../src/quant/simulators/simulate_vectorized.ts";
import { randomReturns } from "./panels.ts";

const PANEL = randomReturns(5, 120, 3);
const TARGETS = [
  { row: 60, weights: Float64Array.of(1, 0, 0) },
  { row: 80, weights: Float64Array.of(0, 1, 0) },
  { row: 100, weights: Float64Array.of(0, 1, 0) },
];

function activityOf(mode: "window" | "daily") {
  const outcome = simulateVectorized({
    returns: { values: PANEL.values, rows: 120, cols: 3 },
    targets: TARGETS,
    rebalance: { mode },
    slippageBps: 5,
    commissionBps: 5,
    initialWealth: 1,
  });
  return { outcome, ...candidateActivity(outcome, PANEL, TARGETS, { mode }, [0, 20, 40]) };
}

Deno.test("candidateActivity() sums up turnover and costs window by window", () => {
  const { windowTurnover, windowCosts } = activityOf("window");
  assertEquals([...windowTurnover], [0.5, 1, 0]);
  [0.001, 0.002, 0].forEach((cost, i) => assertAlmostEquals(windowCosts[i], cost, 1e-15));
});

Deno.test("candidateActivity() counts what is traded between targets into their window", () => {
  const { outcome, windowTurnover } = activityOf("daily");
  assertEquals(outcome.turnover.length, 60);
  const sum = outcome.turnover.reduce((total, value) => total + value, 0);
  assertAlmostEquals(windowTurnover.reduce((total, value) => total + value, 0), sum, 1e-12);
});

Deno.test("An attribution lists what was ever held, the largest contribution first, and adds up", () => {
  const activity = activityOf("window");
  const { rows, rest } = attributionReport(activity, PANEL.symbols);
  assertEquals(rows.map(({ symbol }) => symbol).toSorted(), ["S0", "S1"]);
  assertEquals(rows.find(({ symbol }) => symbol === "S0")?.heldShare, 20 / 60);
  const sum = rows.reduce((total, { contribution }) => total + contribution, rest);
  assertAlmostEquals(sum, activity.outcome.finalWealth - 1, 1e-12);
  assertEquals(rows[0].contribution >= rows[1].contribution, true);
  assertEquals(tradingReport(activity, 3).rebalances, 3);
});
