import { assert, assertEquals, assertLess, assertMatch, assertStringIncludes } from "@std/assert";
import { renderCharts } from "../../../src/report/charts/render_charts.ts";
import { renderHtml } from "../../../src/report/html/page.ts";
import type { ReportModel } from "../../../src/report/model/report_model.ts";
import { makeReportModel } from "../fixture.ts";
import { assertBalanced, idsOf } from "../page_checks.ts";

const MODEL = makeReportModel();
const CHARTS = await renderCharts(MODEL);
const PAGE = renderHtml(MODEL, CHARTS);

/** The page of a small model, some parts of it replaced. */
async function pageOf(model: ReportModel): Promise<string> {
  return renderHtml(model, await renderCharts(model));
}

Deno.test("renderHtml() gives the same bytes for the same model, charts drawn anew", async () => {
  assert(await pageOf(makeReportModel()) === PAGE);
});

Deno.test("renderHtml() closes every element and repeats no id", () => {
  assertBalanced(PAGE);
  const ids = idsOf(PAGE);
  assert(ids.length > 10);
  assertEquals(ids.length, new Set(ids).size);
});

Deno.test("renderHtml() refers only to ids that the page has", () => {
  const ids = new Set(idsOf(PAGE));
  const references = [...PAGE.matchAll(/(?:url\(#|for="|aria-(?:labelledby|controls)=")([\w-]+)/g)];
  assert(references.length > 20);
  for (const [reference, id = ""] of references) assert(ids.has(id), reference);
});

Deno.test("renderHtml() needs no network and runs no script", () => {
  const addresses = PAGE.replaceAll("http://www.w3.org/2000/svg", "").match(
    /\b(?:https?:|ftp:|file:)?\/\/\S{0,40}/g,
  );
  assertEquals(addresses, null);
  assertEquals(PAGE.match(/<script|<iframe|<img|@import|javascript:|\son\w+=/gi), null);
  assertStringIncludes(
    PAGE,
    `content="default-src &#39;none&#39;; style-src &#39;unsafe-inline&#39;; img-src data:"`,
  );
});

Deno.test("renderHtml() stays under 1.5 MB for 5 candidates of 1,764 bars and 20 symbols", () => {
  assertLess(new TextEncoder().encode(PAGE).length, 1.5e6);
});

Deno.test("renderHtml() has every candidate in the table and in the weights' tabs", () => {
  for (const { profile } of MODEL.candidates) {
    assertMatch(PAGE, new RegExp(`<th scope="row">(?:(?!</th>)[^])*${profile}</th>`));
    assertMatch(PAGE, new RegExp(`<label\\s+for="weights-tab-\\d">${profile}</label>`));
  }
});

Deno.test("renderHtml() shows names that are HTML as text", async () => {
  const evil = `<script>alert("1")</script>`;
  const quote = `"><img src=x onerror='alert(2)'>`;
  const model = makeReportModel({
    bars: 300,
    symbols: [evil, quote, "A&B"],
    profiles: [evil, quote],
    simulators: ["<b>sim</b>", "</style>"],
    notices: [evil],
  });
  const page = await pageOf({
    ...model,
    title: `</title>${evil}`,
    runId: quote,
    prices: { ...model.prices, source: evil, sha256: quote },
    parameters: [{ name: evil, value: quote }],
    benchmark: model.benchmark && { ...model.benchmark, label: quote },
    health: [{ symbol: evil, status: quote, reasons: [evil] }],
    candidates: model.candidates.map((candidate) => ({ ...candidate, remarks: [evil] })),
    metricDescriptors: model.metricDescriptors.map((descriptor) => ({
      ...descriptor,
      label: evil,
    })),
    ledgerHash: evil,
  });
  assertBalanced(page);
  assertEquals(page.match(/<script|<img|<b>|onerror='/g), null);
  assertStringIncludes(page, "&lt;script&gt;alert(&quot;1&quot;)&lt;/script&gt;");
});

Deno.test("renderHtml() writes numbers with their units and missing ones as a dash", async () => {
  const model = makeReportModel({ bars: 30, profiles: ["hrp", "herc"], benchmark: false });
  const [first, second] = model.candidates;
  assert(first && second);
  const metrics = {
    total_return: 0.12345,
    sharpe: -0.5,
    trades: 1764,
    annualized_volatility: NaN,
    turnover: null,
  };
  const page = await pageOf({
    ...model,
    candidates: [{ ...first, metrics }, {
      ...second,
      metrics: { max_drawdown_start: "2020-03-23" },
    }],
  });
  const cells = [...page.matchAll(/<td\s+class="num">([^<]*)<\/td>/g)].map(([, text]) => text);
  for (const text of ["12.35%", "−0.50", "1,764", "–", "2020-03-23"]) {
    assert(cells.includes(text), text);
  }
  assertEquals(page.match(/>\s*(?:NaN|null|undefined|Infinity)/g), null);
});

Deno.test("renderHtml() marks the best of a column by a sign and a word", () => {
  const best = [...PAGE.matchAll(/class="num best">(.*?)<\/td>/g)].map(([, cell]) => cell);
  assertEquals(best.length > 5, true);
  for (const cell of best) assertMatch(cell ?? "", /★<\/span>[^<]+<span class="hidden"> \(best\)/);
});

Deno.test("renderHtml() shows a run without candidates, bars, health or notices", async () => {
  const empty = {
    ...makeReportModel({ bars: 2, notices: [] }),
    candidates: [],
    benchmark: null,
    health: [],
  };
  const page = await pageOf(empty);
  assertBalanced(page);
  assertStringIncludes(page, "The run has no candidate.");
  assert(!page.includes(`class="notices"`));
});

Deno.test("renderHtml() folds healthy symbols and shows the others with their reasons", () => {
  assertMatch(PAGE, /<th scope="row">WMT<\/th>\s*<td>DEGRADED \(GAPS\)<\/td>/);
  assertMatch(PAGE, /<details>\s*<summary>18 symbols without findings<\/summary>/);
});

Deno.test("renderHtml() says who was chosen and why the others were not, and nothing where all were taken", async () => {
  assertStringIncludes(PAGE, '<h2 id="selection-title">Selection</h2>');
  assertStringIncludes(PAGE, "10 selections from training rows alone, 3 to 10 winners each");
  assertStringIncludes(PAGE, "<td>score 0.300 is below &lt;0.5&gt;</td>");
  const baseline = await pageOf({ ...makeReportModel({ bars: 300 }), selections: [] });
  assertBalanced(baseline);
  assert(!baseline.includes("selection-title"));
});
