import { assert, assertEquals, assertNotEquals, assertStringIncludes } from "@std/assert";
import { renderCharts } from "../../../src/report/charts/render_charts.ts";
import { MAX_WEIGHTS_CHARTS } from "../../../src/report/charts/weights_charts.ts";
import {
  candidateLineStyle,
  colourVariables,
  SERIES_COLOURS,
} from "../../../src/report/charts/palette.ts";
import { makeReportModel } from "../fixture.ts";
import { assertBalanced, idsOf } from "../page_checks.ts";

Deno.test("renderCharts() draws well-formed SVG without echarts' running ids", async () => {
  const charts = await renderCharts(makeReportModel({ bars: 400 }));
  const { weights, omittedWeights: _, ...single } = charts;
  const drawings = [...Object.values(single), ...weights]
    .flatMap((chart) => chart === null ? [] : [chart.wide, chart.narrow]);
  // Eight charts of the run and one a portfolio; sleeves are for meta-portfolios.
  assertEquals(drawings.length, 2 * (8 + 5));
  const ids = drawings.flatMap(idsOf);
  assertEquals(ids.length, new Set(ids).size);
  for (const svg of drawings) {
    assertBalanced(svg);
    assertEquals(svg.match(/\bzr\d|NaN|undefined|Infinity/g), null);
  }
});

Deno.test("renderCharts() survives being cached as JSON", async () => {
  const charts = await renderCharts(makeReportModel({ bars: 300 }));
  assertEquals(JSON.parse(JSON.stringify(charts)), charts);
});

Deno.test("renderCharts() draws one line each for all candidates and the benchmark", async () => {
  const { equity } = await renderCharts(makeReportModel({ bars: 100 }));
  assert(equity);
  const lines = [...equity.wide.matchAll(/<path d="M[^"]{500,}"[^>]*>/g)];
  assertEquals(lines.length, 6);
  for (
    const name of ["hrp", "min_variance", "max_sharpe", "equal_weight", "Market, equal weight"]
  ) {
    assertStringIncludes(equity.wide, `>${name}</text>`);
  }
});

Deno.test("renderCharts() has no rolling Sharpe ratio of less than a year", async () => {
  assertEquals((await renderCharts(makeReportModel({ bars: 250 }))).rollingSharpe, null);
  assertNotEquals((await renderCharts(makeReportModel({ bars: 254 }))).rollingSharpe, null);
});

Deno.test("renderCharts() goes over to a logarithmic axis when wealth spans a factor of four", async () => {
  const model = makeReportModel({ bars: 60, profiles: ["hrp"], benchmark: false });
  const growing = (daily: number) => ({
    ...model,
    candidates: model.candidates.map((c) => ({ ...c, returns: c.returns.map(() => daily) })),
  });
  assertEquals((await renderCharts(growing(0.02))).equity?.logarithmic, false);
  const steep = (await renderCharts(growing(0.03))).equity;
  assertEquals(steep?.logarithmic, true);
  for (const label of ["1×", "2×", "4×"]) {
    assertStringIncludes(steep?.wide ?? "", `>${label}</text>`);
  }
});

Deno.test("renderCharts() shares one weights chart between simulators", async () => {
  const model = makeReportModel({ bars: 60, simulators: ["vectorized", "orders"] });
  const { weights } = await renderCharts(model);
  assertEquals(weights.map(({ label }) => label).toSorted(), [
    "equal_weight",
    "hrp",
    "max_sharpe",
    "min_variance",
    "risk_parity",
  ]);
});

Deno.test("renderCharts() limits the weights charts of a crowd but draws all of its curves", async () => {
  const profiles = Array.from({ length: 20 }, (_, i) => `p${i}`);
  const charts = await renderCharts(makeReportModel({ bars: 100, profiles, benchmark: false }));
  assertEquals([charts.weights.length, charts.omittedWeights], [MAX_WEIGHTS_CHARTS, 8]);
  assertEquals([...(charts.equity?.wide ?? "").matchAll(/<path d="M[^"]{500,}"/g)].length, 20);
});

Deno.test("renderCharts() stacks short positions below zero", async () => {
  const model = makeReportModel({ bars: 60, profiles: ["market_neutral"], symbols: ["A", "B"] });
  const [candidate] = model.candidates;
  assert(candidate);
  const weights = { ...candidate.weights, rows: candidate.weights.rows.map(() => [0.5, -0.5]) };
  const { weights: [chart] } = await renderCharts({
    ...model,
    candidates: [{ ...candidate, weights }],
  });
  assertStringIncludes(chart?.wide ?? "", ">−40%</text>");
  assertEquals(chart?.bands.map(({ label, last }) => [label, last]), [["A", 0.5], ["B", -0.5]]);
});

Deno.test("The first lines differ by colour and by dashes", () => {
  const styles = Array.from({ length: SERIES_COLOURS }, (_, rank) => candidateLineStyle(rank));
  assertEquals(new Set(styles.map(({ colour }) => colour)).size, SERIES_COLOURS);
  assertEquals(new Set(styles.map(({ dashes }) => dashes.join())).size, SERIES_COLOURS);
});

Deno.test("Text and lines have a contrast of 4.5 and more on light and on dark paper", () => {
  for (const scheme of ["light", "dark"] as const) {
    const colours = new Map(
      [...colourVariables(scheme).matchAll(/--([\w-]+):(#\w{6});/g)].map((
        [, name = "", hex = ""],
      ) => [name, hex]),
    );
    const paper = luminance(colours.get("paper") ?? "");
    const names = [...colours.keys()].filter((name) => /^(series-\d|ink|soft)$/.test(name));
    assertEquals(names.length, SERIES_COLOURS + 2);
    for (const name of names) {
      const [low = 0, high = 0] = [luminance(colours.get(name) ?? ""), paper].sort((a, b) => a - b);
      assert((high + 0.05) / (low + 0.05) >= 4.5, `${name} on ${scheme} paper`);
    }
  }
});

/** Relative luminance. Source: WCAG 2.2. */
function luminance(hex: string): number {
  const [r = 0, g = 0, b = 0] = [1, 3, 5].map((at) => {
    const channel = parseInt(hex.slice(at, at + 2), 16) / 255;
    return channel <= 0.04045 ? channel / 12.92 : ((channel + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}

Deno.test("each cell of the heat map tells its two assets and their correlation to whom points at it", async () => {
  const model = makeReportModel({ bars: 60, profiles: ["hrp"] });
  const { clusters } = await renderCharts(model);
  const titles = [...clusters!.wide.matchAll(/<title>([^<]*)<\/title>/g)].map(([, title]) => title);
  const { assets, correlations } = model.clusters!;
  assertEquals(titles.length, assets.length ** 2);
  assertEquals(
    titles[1],
    `${assets[0]} and ${assets[1]}: ${correlations[0][1].toFixed(2).replace("-", "−")}`,
  );
  assertEquals(clusters!.narrow.includes("<title>"), false);
});

Deno.test("an axis of many years names years alone, in both formats: no month between some of them", async () => {
  const charts = await renderCharts(makeReportModel({ bars: 252 * 5, profiles: ["hrp"] }));
  for (const svg of [charts.equity!.wide, charts.equity!.narrow]) {
    const labels = [...svg.matchAll(/<text[^>]*>([^<]*)<\/text>/g)].map(([, text]) => text);
    assert(labels.filter((text) => /^20\d\d$/.test(text)).length >= 3, labels.join());
    assertEquals(labels.filter((text) => /^(?:\d+ )?[A-Z][a-z]{2}$/.test(text)), []);
  }
});
