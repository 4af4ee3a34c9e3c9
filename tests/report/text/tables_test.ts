import { assert, assertEquals } from "@std/assert";
import { attributionTable, leadingContributions } from "../../../src/report/text/attribution.ts";
import { drawdownsTable } from "../../../src/report/text/drawdowns.ts";
import { candidateMatrix } from "../../../src/report/text/matrix.ts";
import { readingsTable, regimesTable } from "../../../src/report/text/regimes.ts";
import { tradingTable } from "../../../src/report/text/trading.ts";
import { makeReportModel } from "../fixture.ts";

const MODEL = makeReportModel({ bars: 120, profiles: ["hrp", "herc"] });
const DAY_S = 86_400;

Deno.test("attributionTable() ends with what symbols do not explain and the total that all add up to", () => {
  const rows = [0.3, 0.1, -0.05].map((contribution, i) => ({
    symbol: `S${i}`,
    meanWeight: 0.5,
    heldShare: 1,
    contribution,
  }));
  const { rows: lines } = attributionTable({ rows, rest: -0.15 }, "hrp");
  assertEquals(lines[0], ["S0", "50.0%", "100%", "30.00%", "150.0%"]);
  assertEquals(lines.slice(3), [
    ["Costs and the rest", "–", "–", "−15.00%", "−75.0%"],
    ["Total return", "–", "–", "20.00%", "100.0%"],
  ]);
});

Deno.test("leadingContributions() keeps those of too many that gave or took the most, in their order", () => {
  const rows = Array.from({ length: 40 }, (_, i) => ({
    symbol: `S${i}`,
    meanWeight: 0,
    heldShare: 1,
    contribution: (20 - i) / 100,
  }));
  const kept = leadingContributions(rows);
  assertEquals(kept.length, 30);
  assertEquals([kept[0], kept[29]], [rows[0], rows[39]]);
  assert(!kept.some(({ contribution }) => contribution === 0));
});

Deno.test("regimesTable() gives each regime the returns of the windows that it was read for", () => {
  const reading = (regime: "QUIET" | "CRISIS") => ({
    regime,
    score: 1,
    quadrant: "EXPANSION" as const,
    annualReturn: 0,
    stress: 1,
  });
  const [candidate] = MODEL.candidates;
  const series = {
    timestampsS: [0, 1, 2, 3].map((t) => t * DAY_S),
    returns: [0.01, 0.03, -0.1, 0.1],
  };
  const model = {
    ...MODEL,
    periodsPerYear: 10,
    benchmark: null,
    candidates: [{ ...candidate, ...series }],
    regimes: [
      { testStartS: 0, reading: reading("QUIET") },
      { testStartS: 2 * DAY_S, reading: reading("CRISIS") },
      { testStartS: 3 * DAY_S, reading: null },
    ],
  };
  const rows = new Map(
    regimesTable(model, 0, "hrp").rows.map(([state, ...cells]) => [state, cells]),
  );
  assertEquals(rows.get("Quiet"), ["1", "33%", "20.0%"]);
  assertEquals(rows.get("Crisis"), ["1", "33%", "−100.0%"]);
  assertEquals(rows.get("Turbulent"), ["0", "0%", "–"]);
  assertEquals(rows.get("Expansion"), ["2", "67%", "−20.0%"]);
  assertEquals(readingsTable(model).rows[2], ["1970-01-04", "–", "–", "–", "–", "–"]);
});

Deno.test("tradingTable() keeps the first purchase apart from the mean of the windows after it", () => {
  const [candidate] = MODEL.candidates;
  const trading = { turnover: [0.5, 0.1, 0.3], costs: [0.001, 0.0005, 0.0005], rebalances: 3 };
  const { rows } = tradingTable({ ...MODEL, candidates: [{ ...candidate, trading }] }, ["hrp"]);
  const years = candidate.timestampsS.length / MODEL.periodsPerYear;
  const yearly = `${(0.2 / years).toFixed(2)}%`;
  assertEquals(rows, [["hrp", "3", "50.0%", "20.0%", "30.0%", "0.20%", yearly]]);
});

Deno.test("drawdownsTable() says of a drawdown that is not over that it is not", () => {
  const { rows } = drawdownsTable(MODEL.candidates[0], "hrp");
  assertEquals(rows.map(([from, depth, , recovered]) => [from, depth, recovered]), [
    ["2018-02-06", "−31.00%", "2018-06-08"],
    ["2019-09-24", "−12.00%", "not yet"],
  ]);
});

Deno.test("candidateMatrix() sets profiles against what else tells candidates apart, and is not there without", () => {
  assertEquals(candidateMatrix(MODEL), null);
  const model = makeReportModel({
    bars: 60,
    profiles: ["hrp", "herc"],
    simulators: ["vectorized", "orders"],
  });
  const values = [1, 2, null, 3];
  const matrix = candidateMatrix({
    ...model,
    candidates: model.candidates.map((candidate, i) => ({
      ...candidate,
      metrics: { ...candidate.metrics, sharpe: values[i] },
      gates: i === 3 ? candidate.gates.slice(0, 1) : candidate.gates,
    })),
  });
  assertEquals([matrix?.profiles, matrix?.columns], [["hrp", "herc"], ["vectorized", "orders"]]);
  const cells = matrix?.cells.flat().map((cell) => [cell?.text, cell?.standing, cell?.isPassed]);
  assertEquals(cells, [
    ["1.00", 0, false],
    ["–", null, false],
    ["2.00", 0.5, false],
    ["3.00", 1, true],
  ]);
});
