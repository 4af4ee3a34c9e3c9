import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { renderSummary, type RunSummary } from "../../src/cli/summary.ts";
import { makeReportModel } from "../report/fixture.ts";

const RUN: RunSummary = {
  reportPath: "artifacts/runs/r1/reports/report.html",
  elapsedMs: 43_210,
  cachedTasks: 12,
  totalTasks: 440,
};
const MODEL = makeReportModel({ bars: 300, notices: [] });

function summary(width: number, color = false): readonly string[] {
  return renderSummary(MODEL, RUN, { color, width }).trimEnd().split("\n");
}

Deno.test("renderSummary() fits 80 and 120 columns with every headline metric", () => {
  for (const width of [80, 120]) {
    const lines = summary(width);
    assert(lines.every((line) => [...line].length <= width), lines.join("\n"));
    const row = lines.find((line) => line.startsWith("risk_parity")) ?? "";
    assertEquals(row.trim().split(/\s+/).length, 8, row);
  }
});

Deno.test("renderSummary() aligns every number at the right of its column", () => {
  const rows = summary(120).filter((line) => /^(hrp|min_|max_|risk|equal)/.test(line));
  assertEquals(rows.length, 5);
  const ends = rows.map((row) => [...row.matchAll(/[\d%](?=[*\s]|$)/g)].map(({ index }) => index));
  for (const rowEnds of ends) assertEquals(rowEnds, ends[0]);
});

Deno.test("renderSummary() puts metrics below each other on a narrow terminal", () => {
  const lines = summary(36);
  assertStringIncludes(lines.join("\n"), "hrp\n  Total return ");
  assert(
    lines.filter((line) => !line.startsWith("Report")).every((line) => [...line].length <= 36),
  );
});

Deno.test("renderSummary() marks the best of a column by a sign, with and without colour", () => {
  for (const color of [false, true]) {
    const row = summary(120, color).find((line) => line.includes("equal_weight")) ?? "";
    assertStringIncludes(row, "1.20%*");
    assertEquals(row.includes("\x1b["), color);
  }
});

Deno.test("renderSummary() ends with the report, the run, the time and what the cache saved", () => {
  assertEquals(summary(80).slice(-4), [
    "Report   artifacts/runs/r1/reports/report.html",
    "Run      20261124-052300",
    "Elapsed  43 s",
    "Cached   12 of 440 tasks",
  ]);
});

Deno.test("renderSummary() shows notices first and says when there is no candidate", () => {
  const model = { ...MODEL, candidates: [], notices: ["The prices are synthetic."] };
  const text = renderSummary(model, RUN, { color: false, width: 0 });
  assert(text.startsWith("! The prices are synthetic.\nThe run has no candidate.\n"), text);
});
