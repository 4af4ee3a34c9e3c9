import { assertAlmostEquals, assertEquals } from "@std/assert";
import { allocateSleeves } from "../../../src/quant/meta/allocate_sleeves.ts";
import { joinSleeves } from "../../../src/quant/meta/join_sleeves.ts";
import type { ProfileName } from "../../../src/quant/optimizers/profiles.ts";
import { loadQpSolver } from "../../../src/quant/optimizers/qp_solver.ts";
import references from "../../reference/meta/references.json" with { type: "json" };

const solver = await loadQpSolver();
const { T, N, periodsPerYear, returns } = references;
const window = { values: Float64Array.from(returns), T, N };
/** A closed form agrees to rounding, what a solver finds to its tolerance. */
const TOLERANCES: Readonly<Record<string, number>> = { hrp: 1e-9, risk_parity: 2e-6 };

for (const { library, profile, minWeight, maxWeight, weights } of references.cases) {
  Deno.test(`sleeves weighted by ${profile} between ${minWeight} and ${maxWeight} are those of ${library}`, () => {
    const settings = { periodsPerYear, minWeight, maxWeight, riskFreeRate: 0 };
    const allocation = allocateSleeves(window, profile as ProfileName, settings, solver);
    if (allocation.status !== "optimal") throw new Error(JSON.stringify(allocation));
    weights.forEach((weight, i) =>
      assertAlmostEquals(allocation.weights[i], weight, TOLERANCES[profile] ?? 1e-6)
    );
  });
}

Deno.test("joinSleeves() gives the returns that pandas finds between the days that both sleeves have", () => {
  const { dailyDays, daily, weekdayDays, weekdays, joined } = references.join;
  const { panel } = joinSleeves([
    { id: "daily", timestampsS: seconds(dailyDays), returns: Float64Array.from(daily) },
    { id: "weekdays", timestampsS: seconds(weekdayDays), returns: Float64Array.from(weekdays) },
  ]);
  assertEquals([...panel.timestampsS], [...seconds(weekdayDays)]);
  joined.forEach((value, row) => {
    assertAlmostEquals(panel.values[2 * row], value, 1e-12);
    assertEquals(panel.values[2 * row + 1], weekdays[row] + 1 - 1);
  });
});

function seconds(days: readonly string[]): Float64Array {
  return Float64Array.from(days, (day) => Date.parse(day) / 1000);
}
