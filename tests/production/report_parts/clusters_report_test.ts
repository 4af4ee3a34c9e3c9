import { assert, assertEquals } from "@std/assert";
import { DEFAULTS } from "../../../src/manifest/config.ts";
import { clustersReport } from "../../../src/production/report_parts/clusters_report.ts";
import { randomReturns } from "../panels.ts";

const WINDOW = { index: 3, trainFrom: 10, trainTo: 110, testFrom: 110, testTo: 120 };

Deno.test("clustersReport() names assets from left to right, clusters side by side and every node once", () => {
  const panel = randomReturns(5, 120, 8);
  const report = clustersReport(panel, WINDOW, DEFAULTS.risk, []);
  assert(report !== null);
  assertEquals(report.assets.toSorted(), panel.symbols.toSorted());
  assertEquals(report.labels, report.labels.toSorted((a, b) => a - b));
  const joined = report.merges.flatMap(({ left, right }) => [left, right]);
  assertEquals(joined.toSorted((a, b) => a - b), Array.from({ length: 14 }, (_, node) => node));
  assertEquals([report.window, report.omitted], [3, 0]);
  report.correlations.forEach((row, i) => {
    assertEquals(row[i], 1);
    assertEquals(row.map((_, j) => report.correlations[j][i]), row);
  });
});

Deno.test("clustersReport() merges neighbours in the order of the assets: no branches cross", () => {
  const report = clustersReport(randomReturns(9, 120, 12), WINDOW, DEFAULTS.risk, [])!;
  const spans: [number, number][] = report.assets.map((_, k) => [k, k]);
  for (const { left, right } of report.merges) {
    const [[a, b], [c, d]] = [spans[left], spans[right]].sort(([p], [q]) => p - q);
    assertEquals(c, b + 1);
    spans.push([a, d]);
  }
});

Deno.test("clustersReport() shows the most held of too many symbols, and says how many it leaves out", () => {
  const panel = randomReturns(2, 120, 70);
  const held = Float64Array.from(panel.symbols, (_, i) => i >= 65 ? 0.2 : 0);
  const report = clustersReport(panel, WINDOW, DEFAULTS.risk, [held])!;
  assertEquals([report.assets.length, report.omitted], [60, 10]);
  for (const symbol of panel.symbols.slice(65)) assert(report.assets.includes(symbol), symbol);
});

Deno.test("clustersReport() has no tree of one symbol", () => {
  assertEquals(clustersReport(randomReturns(2, 120, 1), WINDOW, DEFAULTS.risk, []), null);
});
