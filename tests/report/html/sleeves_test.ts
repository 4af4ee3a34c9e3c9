import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { renderCharts } from "../../../src/report/charts/render_charts.ts";
import { renderHtml } from "../../../src/report/html/page.ts";
import { renderMarkdown } from "../../../src/report/markdown/document.ts";
import { makeReportModel } from "../fixture.ts";
import { makeMetaModel } from "../meta_fixture.ts";
import { assertBalanced } from "../page_checks.ts";

const MODEL = makeMetaModel();
const CHARTS = await renderCharts(MODEL);
const PAGE = renderHtml(MODEL, CHARTS);

Deno.test("renderHtml() shows the sleeves of a meta-portfolio, nested ones below their own", () => {
  assertBalanced(PAGE);
  assertStringIncludes(PAGE, "2 sleeves over the 300 days that all have");
  assertStringIncludes(PAGE, "On 100 days between these some sleeve does not trade");
  assertStringIncludes(PAGE, ">› crypto</th>");
  assertStringIncludes(PAGE, "left out");
  assertStringIncludes(PAGE, "Sleeve fx was left out: its prices &lt;are&gt; missing.");
  assertStringIncludes(PAGE, ">−0.31</td>");
});

Deno.test("renderHtml() shows what stands behind the sleeves, with each one's part", () => {
  assertStringIncludes(PAGE, "2 assets, gross 100.0%, net 80.0% of wealth");
  assertStringIncludes(PAGE, "us 50.00%, world 20.00%");
});

Deno.test("renderCharts() draws a line a sleeve of the outermost portfolio, and none for other runs", async () => {
  assertEquals([...(CHARTS.sleeves?.wide ?? "").matchAll(/>(us|world|crypto)<\/text>/g)].length, 2);
  assertEquals((await renderCharts(makeReportModel({ bars: 60 }))).sleeves, null);
});

Deno.test("renderMarkdown() has the same sleeves and contributors", () => {
  const text = renderMarkdown(MODEL);
  assertStringIncludes(text, "## Sleeves");
  assertStringIncludes(text, "| › crypto |");
  assertStringIncludes(text, "us 50.00%, world 20.00%");
  assert(!renderMarkdown(makeReportModel({ bars: 60 })).includes("## Sleeves"));
});
