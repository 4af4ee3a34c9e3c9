import { assertAlmostEquals, assertEquals } from "@std/assert";
import { compareReports } from "../../../src/report/model/comparison.ts";
import { comparisonTables } from "../../../src/report/text/comparison.ts";
import { makeReportModel } from "../fixture.ts";

const FIRST = makeReportModel({ bars: 60, profiles: ["hrp", "min_variance"] });
const SECOND = {
  ...FIRST,
  runId: "other",
  parameters: FIRST.parameters.map((one) =>
    one.name === "backtest.train" ? { ...one, value: "126" } : one
  ),
  candidates: FIRST.candidates.map((candidate, i) => ({
    ...candidate,
    profile: i === 0 ? "hrp" : "herc",
    metrics: { ...candidate.metrics, sharpe: Number(candidate.metrics.sharpe) + 0.5, beta: null },
    gates: candidate.gates.map((gate) => ({ ...gate, verdict: "failed" as const })),
  })),
};

Deno.test("compareReports() measures the second run against the first, candidate by candidate", () => {
  const { candidates: [hrp, ...others], runIds, onlyIn, settings } = compareReports(FIRST, SECOND);
  assertEquals([runIds, others.length], [[FIRST.runId, "other"], 0]);
  assertAlmostEquals(hrp.metrics.sharpe.difference!, 0.5, 1e-12);
  assertEquals([hrp.metrics.total_return.difference, hrp.metrics.beta.difference], [0, null]);
  assertEquals(hrp.gates.map(({ metric, verdicts }) => [metric, ...verdicts]), [
    ["sharpe", "passed", "failed"],
    ["turnover", "passed", "failed"],
    ["skew", "unknown", "failed"],
  ]);
  assertEquals(onlyIn.map((names) => names.map((name) => name.split(" · ")[0])), [
    ["min_variance"],
    ["herc"],
  ]);
  assertEquals(settings, [{ name: "backtest.train", values: ["252", "126"] }]);
});

Deno.test("comparisonTables() writes differences with their sign and unit, and no table without a line", () => {
  const tables = comparisonTables(compareReports(FIRST, SECOND), FIRST);
  assertEquals(tables.map(({ rows }) => rows.length > 0), [true, true, true, true]);
  const sharpe = tables[0].rows.find(([, metric]) => metric === "Sharpe");
  assertEquals([sharpe?.[0], sharpe?.[4]], ["hrp", "+0.50"]);
  assertEquals(tables[2].rows, [["backtest.train", "252", "126"]]);
  assertEquals(
    comparisonTables(compareReports(FIRST, FIRST), FIRST).map(({ caption }) => caption),
    [
      "Key metrics side by side",
    ],
  );
});
